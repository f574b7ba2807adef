//! One person's browser: a Chromium with a profile of its own, and what a person does in it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Stack;
use crate::webdriver::{By, Element, Session};

/// How long a page may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked for meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Width of the window in CSS pixels: 360 is a phone, 1280 a desk.
    pub width: u32,
    /// Whether the person prefers dark pages.
    pub is_dark: bool,
    /// Whether scripts run.
    pub has_scripts: bool,
    /// The language of the browser, as `en` or `de`.
    pub language: &'static str,
}

impl Look {
    /// A desk, light, with scripts, in English.
    pub const DESK: Self = Self { width: 1280, is_dark: false, has_scripts: true, language: "en" };
    /// A phone without scripts.
    pub const PHONE: Self = Self { width: 360, is_dark: false, has_scripts: false, language: "en" };
}

/// A person's browser, on the pages of a stack. It counts what the person does.
#[derive(Debug)]
pub struct Browser {
    driver: Session,
    process: Child,
    stack: Stack,
    /// Clicks, and fields that were filled in.
    pub actions: u32,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends with its driver.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Browser {
    /// Starts a browser.
    ///
    /// # Panics
    /// Chromium or its driver is not installed, or does not start.
    pub async fn start(stack: &Stack, look: Look) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser's profile");
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: install Debian's packages chromium and chromium-driver");
        let port = port_of(&mut process);
        let folder = format!("--user-data-dir={}", profile.path().display());
        let language = format!("--accept-lang={}", look.language);
        // No sandbox: it does not start as root, and all pages are ours.
        let mut arguments =
            vec!["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"];
        arguments.extend(["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        arguments.extend([folder.as_str(), language.as_str()]);
        let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let driver = Session::start(port, &arguments).await.unwrap_or_else(|cause| panic!("Chromium does not start: {cause}"));
        let browser = Self { driver, process, stack: stack.clone(), actions: 0, _profile: profile };
        browser.look(look).await;
        browser
    }

    /// Changes the window's width, the theme, and whether scripts run.
    pub async fn look(&self, look: Look) {
        self.resize(look.width).await;
        self.darken(look.is_dark).await;
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !look.has_scripts })).await;
    }

    /// Changes the width of the window.
    pub async fn resize(&self, width: u32) {
        let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Prefers dark pages, or light ones.
    pub async fn darken(&self, is_dark: bool) {
        let theme = json!({ "name": "prefers-color-scheme", "value": if is_dark { "dark" } else { "light" } });
        // Without motion: what changes its colour slowly is looked at when it has changed.
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [theme, still] })).await;
    }

    async fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.driver
            .post("/goog/cdp/execute", &json!({ "cmd": method, "params": parameters }))
            .await
            .expect("Chromium takes the command")
    }

    /// Opens a page by its path, or by its whole address.
    pub async fn open(&self, path: &str) {
        let address = if path.starts_with("http") { path.to_owned() } else { self.stack.address(path) };
        self.driver
            .post("/url", &json!({ "url": address }))
            .await
            .unwrap_or_else(|cause| panic!("{address} does not open: {cause}"));
    }

    /// Opens the page that is shown anew.
    pub async fn reload(&self) {
        self.driver.post("/refresh", &json!({})).await.expect("the page loads again");
    }

    /// The path of the page that is shown, with its query.
    pub async fn path(&self) -> String {
        let address = self.driver.get("/url").await.expect("a page");
        let address = address.as_str().unwrap_or_default();
        // What stands behind scheme and host.
        address.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |path| format!("/{path}"))
    }

    /// What the page says, without its head and foot.
    pub async fn text(&self) -> String {
        loop {
            let main = self.one("main").await;
            // While the next page comes, what was found on the last one is gone.
            if let Ok(text) = self.driver.text(&main).await {
                return text;
            }
        }
    }

    /// Whether the page says this.
    pub async fn says(&self, words: &str) -> bool {
        self.text().await.contains(words)
    }

    /// Waits until the page says this.
    ///
    /// # Panics
    /// It does not within ten seconds.
    pub async fn must_say(&self, words: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(Instant::now() < until, "{} does not say '{words}'. It says:\n{text}", self.path().await);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Whether there is something by a CSS selector.
    pub async fn has(&self, selector: &str) -> bool {
        !self.driver.find_all(By::Css(selector)).await.expect("a selector").is_empty()
    }

    /// The first by a CSS selector, as soon as it is there.
    ///
    /// # Panics
    /// There is none within ten seconds.
    pub async fn one(&self, selector: &str) -> Element {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.driver.find_all(By::Css(selector)).await.expect("a selector");
            if let Some(found) = found.into_iter().next() {
                return found;
            }
            assert!(Instant::now() < until, "{} has no {selector}", self.path().await);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Fills in a field by its name in the form; what stood there is replaced. One action.
    pub async fn fill(&mut self, name: &str, text: &str) {
        self.actions += 1;
        let field = self.one(&format!("main [name='{name}']")).await;
        self.driver.clear(&field).await.expect("a field to write in");
        self.driver.write(&field, text).await.expect("a field to write in");
    }

    /// Chooses a file. One action.
    pub async fn attach(&mut self, name: &str, file: &Path) {
        self.actions += 1;
        let field = self.one(&format!("main input[type=file][name='{name}']")).await;
        self.driver.write(&field, &file.display().to_string()).await.expect("a field for a file");
    }

    /// Ticks a box or chooses a radio button or an option by its value. One action.
    pub async fn choose(&mut self, name: &str, value: &str) {
        self.actions += 1;
        let choice = format!("main [name='{name}'][value='{value}'], main select[name='{name}'] option[value='{value}']");
        let choice = self.one(&choice).await;
        self.driver.click(&choice).await.expect("a choice");
    }

    /// Chooses a card, a radio button in a frame with words, by its value. One action.
    pub async fn choose_card(&mut self, name: &str, value: &str) {
        self.actions += 1;
        let card = self.one(&format!("main label:has(input[name='{name}'][value='{value}'])")).await;
        self.driver.click(&card).await.expect("a choice");
    }

    /// Chooses the box or radio button whose label has these words. One action.
    ///
    /// # Panics
    /// There is none.
    pub async fn choose_named(&mut self, words: &str) {
        self.actions += 1;
        let path = format!("//main//label[contains(., \"{words}\")][.//input or @for]");
        let labels = self.driver.find_all(By::XPath(&path)).await.expect("a path");
        let Some(label) = labels.first() else { panic!("{} has no choice '{words}'", self.path().await) };
        self.driver.click(label).await.expect("a choice");
    }

    /// Gives rank 1 to the candidate whose label has these words. One action.
    ///
    /// # Panics
    /// There is none.
    pub async fn rank_first(&mut self, words: &str) {
        self.actions += 1;
        let path = format!("//main//label[contains(., \"{words}\")]//option[@value='1']");
        let options = self.driver.find_all(By::XPath(&path)).await.expect("a path");
        let Some(option) = options.first() else { panic!("{} has no rank for '{words}'", self.path().await) };
        self.driver.click(option).await.expect("a choice");
    }

    /// Clicks a button or a link of the page by its words: all of them, or their beginning. One action.
    pub async fn click(&mut self, words: &str) {
        self.click_within("main", words).await;
    }

    /// The same, anywhere on the page.
    pub async fn click_anywhere(&mut self, words: &str) {
        self.click_within("body", words).await;
    }

    async fn click_within(&mut self, part: &str, words: &str) {
        self.actions += 1;
        let named = |what: &str| format!("//{part}//*[(self::a or self::button) and {what}]");
        let exactly = named(&format!("normalize-space(.)=\"{words}\""));
        let beginning = named(&format!("starts-with(normalize-space(.), \"{words}\")"));
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            for path in [&exactly, &beginning] {
                for found in self.driver.find_all(By::XPath(path)).await.expect("a path") {
                    if self.driver.is_displayed(&found).await {
                        self.follow(&found, words).await;
                        return;
                    }
                }
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        panic!("{} has no button or link '{words}'. It says:\n{}", self.path().await, self.text().await);
    }

    /// Clicks the button or link that a CSS selector names, and waits for the page to which it leads. One action.
    pub async fn press(&mut self, selector: &str) {
        self.actions += 1;
        let pressed = self.one(selector).await;
        self.follow(&pressed, selector).await;
    }

    /// Clicks what leads to another page, and waits for that page.
    async fn follow(&self, element: &Element, name: &str) {
        self.run("document.documentElement.dataset.left = 'yes'").await;
        self.driver.click(element).await.unwrap_or_else(|cause| panic!("'{name}' cannot be clicked: {cause}"));
        let until = Instant::now() + PATIENCE;
        let has_come = "return document.readyState === 'complete' && !document.documentElement.dataset.left";
        // While the next page comes, no script can be run.
        while self.driver.post("/execute/sync", &json!({ "script": has_come, "args": [] })).await != Ok(Value::Bool(true)) {
            assert!(Instant::now() < until, "'{name}' on {} leads nowhere", self.path().await);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Presses keys, as `\u{e004}` for Tab, wherever the keyboard is.
    pub async fn keys(&mut self, keys: &str) {
        let active = self.driver.active().await.expect("something has the keyboard");
        self.driver.write(&active, keys).await.expect("keys");
    }

    /// The page itself, in which a script finds what no person sees. Works where scripts of pages are off.
    pub async fn run(&self, script: &str) -> Value {
        self.driver.post("/execute/sync", &json!({ "script": script, "args": [] })).await.expect("the script runs")
    }

    /// The same for a script that calls its last argument when it is done.
    pub(crate) async fn run_until_done(&self, script: &str) -> Value {
        self.driver.post("/execute/async", &json!({ "script": script, "args": [] })).await.expect("the script runs")
    }

    /// Checks that nothing stands beyond the right edge of the window.
    ///
    /// # Panics
    /// Something does.
    pub async fn must_fit(&self) {
        let wide = self.run("return [document.documentElement.scrollWidth, window.innerWidth]").await;
        assert!(wide[0].as_u64() <= wide[1].as_u64(), "{} is wider than its window: {wide}", self.path().await);
    }

    /// The whole page as a PNG.
    pub async fn picture(&self) -> Vec<u8> {
        {
            let picture = self.driver.get("/screenshot").await.expect("a picture");
            BASE64.decode(picture.as_str().unwrap_or_default()).expect("a picture in base64")
        }
    }

    /// The whole page as a PNG, also below the window's edge, at most so many pixels high.
    pub async fn long_picture(&self, most: u64) -> Vec<u8> {
        let size = self.run("return [window.innerWidth, document.documentElement.scrollHeight]").await;
        let (width, height) = (size[0].as_u64().unwrap_or(1280), size[1].as_u64().unwrap_or(800).min(most));
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        self.picture().await
    }

    /// Ends the browser.
    pub async fn end(self) {
        self.driver.end().await;
    }
}

/// The port that the driver says it listens on.
fn port_of(process: &mut Child) -> u16 {
    let said = BufReader::new(process.stdout.take().expect("the driver's output"));
    let port = said
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.').parse().ok());
    port.expect("the driver says its port")
}
