-- What devices tell about themselves beside their readings. skew_ms: the device's clock minus the gateway's when it was last known.
alter table device_status
  add column worn boolean,
  add column skew_ms bigint,
  add column refused bigint not null default 0;
