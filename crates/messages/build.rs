//! Makes one type of each message of `catalogue/en.ftl`, with its parameters as members. So a code that is not in the catalogue, or
//! one with other parameters, does not compile. A catalogue that cannot be read ends the build.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Message, Pattern, PatternElement, Resource};
use fluent_syntax::parser;

const CATALOGUE: &str = "catalogue/en.ftl";
/// Languages whose sentences must have the parameters of the English ones.
const TRANSLATIONS: &[&str] = &["catalogue/de.ftl"];

#[allow(clippy::disallowed_methods, reason = "a build script writes what it makes")]
fn main() {
    println!("cargo::rerun-if-changed={CATALOGUE}");
    let source = fs::read_to_string(CATALOGUE).expect("the catalogue is there");
    let resource = match parser::parse(source.as_str()) {
        Ok(resource) => resource,
        Err((_, errors)) => panic!("{CATALOGUE} cannot be read: {errors:?}"),
    };
    let mut out = String::new();
    let mut codes = String::new();
    let mut seen = BTreeSet::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let code = message.id.name;
        assert!(seen.insert(code), "{code} stands in the catalogue twice");
        assert!(message.attributes.is_empty(), "{code} has an attribute; write a message of its own instead");
        let params = params_of(message);
        write_type(&mut out, code, &params);
        let names: Vec<String> = params.iter().map(|name| format!("{name:?}")).collect();
        writeln!(codes, "    ({code:?}, &[{}]),", names.join(", ")).expect("a string takes text");
    }
    TRANSLATIONS.iter().for_each(|translation| check_translation(translation, &resource));
    let list =
        format!("/// Every code, with the names of its parameters.\npub const CODES: &[(&str, &[&str])] = &[\n{codes}];\n");
    let target = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("catalogue.rs");
    fs::write(target, out + &list).expect("cargo gives a folder to write into");
}

/// A translation may lack a sentence, for which English is shown. One that it has must be of the English catalogue and take its
/// parameters: one too many would be shown as its name.
#[allow(clippy::disallowed_methods, reason = "a build script reads its files")]
fn check_translation(path: &str, english: &Resource<&str>) {
    println!("cargo::rerun-if-changed={path}");
    let source = fs::read_to_string(path).unwrap_or_else(|cause| panic!("{path}: {cause}"));
    let translated = match parser::parse(source.as_str()) {
        Ok(resource) => resource,
        Err((_, errors)) => panic!("{path} cannot be read: {errors:?}"),
    };
    let messages = |resource: &Resource<&str>| -> BTreeMap<String, BTreeSet<String>> {
        let found =
            resource.body.iter().filter_map(|entry| if let Entry::Message(message) = entry { Some(message) } else { None });
        found.map(|message| (message.id.name.to_owned(), params_of(message).into_iter().map(str::to_owned).collect())).collect()
    };
    let known = messages(english);
    for (code, params) in messages(&translated) {
        let expected = known.get(&code).unwrap_or_else(|| panic!("{path}: {code} is not in {CATALOGUE}"));
        assert!(params.is_subset(expected), "{path}: {code} has parameters {params:?}, and in {CATALOGUE} {expected:?}");
    }
}

fn write_type(out: &mut String, code: &str, params: &BTreeSet<&str>) {
    let name = code.replace('-', "_");
    let members: String =
        params.iter().map(|param| format!("    /// `{param}` of the sentence.\n    pub {param}: crate::Param,\n")).collect();
    let given: String = params.iter().map(|param| format!("({param:?}, message.{param}), ")).collect();
    let argument = if params.is_empty() { "_" } else { "message" };
    write!(
        out,
        "/// `{code}`\n#[derive(Debug, Clone)]\npub struct {name} {{\n{members}}}\n\
         impl From<{name}> for crate::Message {{\n    fn from({argument}: {name}) -> Self {{\n        \
         Self::of({code:?}, [{given}])\n    }}\n}}\n"
    )
    .expect("a string takes text");
}

fn params_of<'s>(message: &'s Message<&'s str>) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    if let Some(pattern) = &message.value {
        in_pattern(pattern, &mut found);
    }
    found
}

fn in_pattern<'s>(pattern: &'s Pattern<&'s str>, found: &mut BTreeSet<&'s str>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, found);
        }
    }
}

fn in_expression<'s>(expression: &'s Expression<&'s str>, found: &mut BTreeSet<&'s str>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, found),
        Expression::Select { selector, variants } => {
            in_inline(selector, found);
            variants.iter().for_each(|variant| in_pattern(&variant.value, found));
        }
    }
}

fn in_inline<'s>(inline: &'s InlineExpression<&'s str>, found: &mut BTreeSet<&'s str>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name);
        }
        InlineExpression::Placeable { expression } => in_expression(expression, found),
        InlineExpression::FunctionReference { arguments: CallArguments { positional, named }, .. } => {
            positional.iter().for_each(|argument| in_inline(argument, found));
            named.iter().for_each(|argument| in_inline(&argument.value, found));
        }
        InlineExpression::StringLiteral { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => {}
    }
}
