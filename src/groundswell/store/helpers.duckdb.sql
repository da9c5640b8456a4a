-- Functions the counts may use beside the portable subset; helpers.spark.sql defines the same ones.
create or replace macro days_between(earlier, later) as cast(date_diff('day', cast(earlier as date), cast(later as date)) as integer);
create or replace macro week_of(day) as cast(floor(date_diff('day', date '1970-01-05', cast(day as date)) / 7) as integer);
create or replace macro day_of(ts) as cast(ts as date);
create or replace macro day_after(day, days) as cast(cast(day as date) + to_days(cast(days as integer)) as date);
create or replace macro micros_of(ts) as epoch_us(ts);
