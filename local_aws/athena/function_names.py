"""Names of functions: those that are done here, and those that Trino has besides."""

from __future__ import annotations

from local_aws.athena.lexer import words

# Names that may stand before a bracket in a SELECT; sqlglot knows more spellings than Trino does.
ALLOWED = words(
    """
    count count_if sum min max avg arbitrary any_value bool_and bool_or every coalesce nullif if cast
    try_cast greatest least abs round floor ceil ceiling mod lower upper trim ltrim rtrim length substr
    substring replace strpos starts_with concat year month day quarter date date_trunc date_add date_diff
    regexp_like regexp_extract regexp_replace row_number rank dense_rank
    """
)
# Functions of Trino that this engine does not do: refused as such, where an unknown name is "not registered".
OTHER_TRINO = words(
    """
    approx_distinct approx_percentile array_agg array_join bitwise_and cardinality cbrt char_length chr
    codepoint contains corr covar_pop cume_dist current_timestamp date_format date_parse day_of_month
    day_of_week day_of_year degrees dow doy element_at exp extract filter first_value format
    format_datetime from_base64 from_iso8601_date from_iso8601_timestamp from_unixtime geometric_mean hour
    human_readable_seconds json_extract json_extract_scalar json_parse lag last_day_of_month last_value lead
    listagg ln localtime log log10 log2 lpad map map_agg max_by md5 millisecond min_by minute now nth_value
    ntile parse_datetime percent_rank pi position pow power radians rand random regexp_count regexp_extract_all
    regexp_position regexp_split repeat reverse rpad second sequence
    sha256 shuffle sign split split_part sqrt stddev stddev_pop stddev_samp to_hex to_iso8601 to_unixtime
    transform truncate try typeof unnest url_decode uuid var_pop var_samp variance week week_of_year
    width_bucket xxhash64 year_of_week zip
    """
)
