-- Why an alert was raised, where its rule has more to say than a threshold.
alter table alerts add column finding jsonb;
