//! Parts of pages that are made from the program. `UPDATE_DOCS=1` writes them.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Several tests write parts of one page.
static WRITING: Mutex<()> = Mutex::new(());

/// Holds the part of a page between `<!-- BEGIN NAME -->` and `<!-- END NAME -->` against what
/// it is to be.
pub(crate) fn hold(page: &str, name: &str, wanted: &str) {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(&path).expect("the page is there");
    let begin = format!("<!-- BEGIN {name} -->\n");
    let begin = text.find(&begin).expect("the part begins") + begin.len();
    let end = text
        .find(&format!("<!-- END {name} -->"))
        .expect("the part ends");
    if std::env::vars().any(|(name, _)| name == "UPDATE_DOCS") {
        let text = format!("{}{wanted}{}", &text[..begin], &text[end..]);
        std::fs::write(path, text).expect("the page can be written");
    } else {
        let have = &text[begin..end];
        assert_eq!(have, wanted, "run with UPDATE_DOCS=1 to write {page}");
    }
}
