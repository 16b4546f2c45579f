-- Everything a visit reason asks for beyond its length: buffers, notice, ages, kinds of resource and so on (`reasonRules` of the contract).
-- Read as a whole and published as a whole, so one column. Code of before leaves it alone.
alter table reasons add column rules jsonb not null default '{}';
