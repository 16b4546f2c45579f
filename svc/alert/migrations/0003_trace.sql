-- W3C trace context of an alert's last change, where it has one: the console shows it, so that the change can be followed back.
alter table alerts add column traceparent text;
