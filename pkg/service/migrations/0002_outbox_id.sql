-- Ids of messages are made to be unique, nothing is looked up by them, and the broker drops a repeated one. Two entries for most actions, in
-- the largest index that a booking wrote.
alter table outbox drop constraint outbox_id_key;
