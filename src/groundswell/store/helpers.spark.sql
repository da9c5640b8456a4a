-- Functions the counts may use beside the portable subset; helpers.duckdb.sql defines the same ones. One statement ends at ";".
create or replace temporary function days_between(earlier timestamp_ntz, later timestamp_ntz) returns int
  return datediff(cast(later as date), cast(earlier as date));
create or replace temporary function week_of(day timestamp_ntz) returns int
  return cast(floor(datediff(cast(day as date), date '1970-01-05') / 7) as int);
create or replace temporary function day_of(ts timestamp_ntz) returns date
  return cast(ts as date);
create or replace temporary function day_after(day timestamp_ntz, days bigint) returns date
  return date_add(cast(day as date), cast(days as int));
create or replace temporary function micros_of(ts timestamp_ntz) returns bigint
  return unix_micros(cast(ts as timestamp_ltz));
