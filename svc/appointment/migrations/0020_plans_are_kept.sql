-- By what the statistics said at the moment, some connections planned these statements anew for every booking, which cost more than running
-- them: 170 instead of 75 microseconds for an attempt that loses. Every one of them finds its rows by an index, whatever is asked.
alter function book_visits(jsonb) set plan_cache_mode = force_generic_plan;
