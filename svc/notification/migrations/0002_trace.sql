-- W3C trace context of the event a message was queued for, so that its delivery is part of that trace.
alter table messages add column traceparent text;
