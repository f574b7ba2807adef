//! Tables as CSV files, for spreadsheet programs.

use actix_web::HttpResponse;
use actix_web::http::header;

/// One row. Quotation marks stand around every cell; inside they are doubled. Attack: a candidate's name or a reason begins with `=`, and
/// the organiser's spreadsheet program runs it as a formula. Such a cell gets an apostrophe, as these programs want it for text. A number
/// stays a number.
pub(crate) fn row<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let cell = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let formula = !is_number && text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%']);
        format!("\"{}{}\"", if formula || text.starts_with(['\t', '\r', '\n']) { "'" } else { "" }, text.replace('"', "\"\""))
    };
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// The marks at the beginning that tell spreadsheet programs that a file is UTF-8.
pub(crate) const UTF_8: &str = "\u{feff}";

/// The headers of a file that is saved, and never shown as a page.
pub(crate) fn download(name: &str, kind: &str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(kind.to_owned())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
    answer
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn a_cell_that_begins_a_formula_is_text() {
        assert_eq!(row(["Ann", "1", "-2.5"]), "\"Ann\",\"1\",\"-2.5\"\r\n");
        for formula in ["=1+1", "+A1", "-A1", "@SUM(A1)", " =1", "\t=1", "\r=1", "|x", "%0", "-inf", "-"] {
            assert_eq!(row([formula]), format!("\"'{formula}\"\r\n"), "{formula:?}");
        }
        assert_eq!(row(["say \"=1\"", "a,b\nc"]), "\"say \"\"=1\"\"\",\"a,b\nc\"\r\n");
    }
}
