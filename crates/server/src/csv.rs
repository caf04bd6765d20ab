//! CSV as RFC 4180 has it, safe to open in a spreadsheet.

/// One line of CSV, with its end.
pub fn line<I>(fields: I) -> String
where
    I: IntoIterator<Item: AsRef<str>>,
{
    let fields: Vec<_> = fields
        .into_iter()
        .map(|text| field(text.as_ref()))
        .collect();
    format!("{}\r\n", fields.join(","))
}

/// A field; what a spreadsheet would run as a formula begins with an apostrophe instead.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
    let safe = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}
