//! What people are told of each method of counting, from the catalogue of messages.

use messages::{Message, say};

/// The words for one method.
#[derive(Debug)]
pub struct MethodTexts {
    /// Its name.
    pub name: Message,
    /// What it does, in one sentence.
    pub does: Message,
    /// For what it is good; to be read after "Good for".
    pub good_for: Message,
}

/// The words for a method, by the word that names it in rules ([`counting::MethodDescription`]). An unknown word has none.
#[must_use]
pub fn method_texts(method: &str) -> Option<MethodTexts> {
    let (name, does, good_for) = match method {
        "plurality" => (say!(method_plurality), say!(method_plurality_does), say!(method_plurality_good)),
        "approval" => (say!(method_approval), say!(method_approval_does), say!(method_approval_good)),
        "cumulative" => (say!(method_cumulative), say!(method_cumulative_does), say!(method_cumulative_good)),
        "score" => (say!(method_score), say!(method_score_does), say!(method_score_good)),
        "star" => (say!(method_star), say!(method_star_does), say!(method_star_good)),
        "borda" => (say!(method_borda), say!(method_borda_does), say!(method_borda_good)),
        "irv" => (say!(method_irv), say!(method_irv_does), say!(method_irv_good)),
        "wigm" => (say!(method_wigm), say!(method_wigm_does), say!(method_wigm_good)),
        "scottish_stv" => (say!(method_scottish_stv), say!(method_scottish_stv_does), say!(method_scottish_stv_good)),
        "meek_stv" => (say!(method_meek_stv), say!(method_meek_stv_does), say!(method_meek_stv_good)),
        "schulze" => (say!(method_schulze), say!(method_schulze_does), say!(method_schulze_good)),
        "ranked_pairs" => (say!(method_ranked_pairs), say!(method_ranked_pairs_does), say!(method_ranked_pairs_good)),
        "motion" => (say!(method_motion), say!(method_motion_does), say!(method_motion_good)),
        _ => return None,
    };
    Some(MethodTexts { name, does, good_for })
}

/// What the method of a rule does, in one English sentence.
#[must_use]
pub fn sentence(rule: &counting::Rule) -> String {
    method_texts(rule.method()).map(|texts| texts.does.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use counting::METHODS;

    use super::*;

    #[test]
    fn every_method_that_is_counted_has_its_words() {
        for description in METHODS {
            let texts = method_texts(description.method).expect(description.method);
            assert_eq!(texts.name.code(), format!("method-{}", description.method.replace('_', "-")));
            assert!(texts.does.to_string().ends_with('.') && texts.good_for.to_string().ends_with('.'));
        }
    }
}
