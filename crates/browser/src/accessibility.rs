//! Looks at pages with axe-core, the usual program for finding what shuts people out (WCAG 2.2, levels A and AA).

use std::path::Path;

use serde_json::Value;

use crate::Browser;

/// The rules that pages are held to, by axe's names for them.
const RULES: &str = r#"["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]"#;

/// axe-core, loaded once.
#[derive(Debug)]
pub struct Checker {
    axe: String,
}

impl Checker {
    /// Loads axe-core from the file that `UVOTE_AXE` names.
    ///
    /// # Panics
    /// There is none: `make test-browser` fetches it.
    #[must_use]
    pub fn found() -> Self {
        let file = std::env::var_os("UVOTE_AXE").expect("run through `make test-browser`, which fetches axe-core");
        let axe = std::fs::read_to_string(Path::new(&file)).expect("UVOTE_AXE is the file of axe-core");
        Self { axe }
    }

    /// What is wrong with the page that is shown: for each fault its rule and where it is. Scripts must run.
    pub async fn faults(&self, browser: &Browser) -> Vec<String> {
        browser.run(&self.axe).await;
        let found = browser
            .run_until_done(&format!(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, {{ runOnly: {RULES} }}).then(found => done(found.violations.map(fault =>
                   [fault.id, fault.help, fault.nodes.map(node => node.target.join(' ') + ' ' + node.failureSummary)])),
                   cause => done([['axe', String(cause), []]]));"
            ))
            .await;
        let path = browser.path().await;
        let faults = found.as_array().cloned().unwrap_or_else(|| vec![Value::from("axe gave no answer")]);
        faults.iter().map(|fault| format!("{path}: {fault}")).collect()
    }
}
