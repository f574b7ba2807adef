### Was Menschen lesen, auf Deutsch. Die Regeln stehen am Anfang von en.ftl. Fehlt hier ein Satz, wird der englische gezeigt; auf den Seiten
### der Veranstalter fehlt keiner (ein Test vergleicht). Ein Satz über ein Feld wird nach dem Namen des Feldes gelesen („Titel fehlt“).

verbatim = { $text }
one-field-is-wrong = { $field } { $message }

## Zeiten

weekday =
    { $number ->
        [1] Montag
        [2] Dienstag
        [3] Mittwoch
        [4] Donnerstag
        [5] Freitag
        [6] Samstag
       *[7] Sonntag
    }
month =
    { $number ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    }
time-in-utc = { $weekday }, { $day }. { $month } { $year } um { $clock } UTC
time-in-zone = { $weekday }, { $day }. { $month } { $year } um { $clock } { $zone } ({ $utc })
short-time-in-utc = { $day }. { $month } { $year }, { $clock } UTC
short-time-in-zone = { $day }. { $month } { $year }, { $clock } { $zone } ({ $utc })

links-unsent =
    { $voters ->
        [one] 1 Wähler hat noch keinen Link bekommen
       *[other] { $voters } Wähler haben noch keinen Link bekommen
    }
page-form-unreadable = Das Formular konnte nicht gelesen werden. Gehen Sie zurück und senden Sie es noch einmal
page-link-incomplete = Der Link ist nicht vollständig. Öffnen Sie den Link in der Mail noch einmal oder kopieren Sie ihn ganz. Es wurde nichts geändert
page-service-silent = Ein Teil dieser Installation antwortet gerade nicht. Es wurde nichts geändert

## Teile jeder Seite

site-skip = Zum Inhalt
site-nav = Seiten
site-nav-elections = Wahlen
site-nav-invitations = Einladungen
site-nav-account = Konto
site-nav-log-in = Anmelden
site-nav-log-out = Abmelden
site-footer = Über diese Installation
site-foot-status = Zustand der Dienste
site-foot-api = API
site-foot-problems = Probleme und was zu tun ist
site-language = Sprache
site-language-name = Deutsch
site-error-prefix = Fehler:
site-mistakes =
    { $count ->
        [one] Etwas stimmt noch nicht
       *[other] { $count } Dinge stimmen noch nicht
    }
site-optional = freiwillig
site-actions = Aktionen
site-what-to-do = Was Sie tun können
site-go-on = Weiter
site-not-now = Jetzt nicht
site-not-yet = Noch nicht
site-request-id = Nummer für den Betreiber:
site-email = Mailadresse
site-password = Passwort
site-password-again = Dasselbe Passwort noch einmal
site-current-password = Bisheriges Passwort
site-new-password = Neues Passwort
site-code = Code
site-link = Der Link
site-back-to-login = Zur Anmeldung
site-email-needed = Geben Sie Ihre Mailadresse ein
site-password-needed = Geben Sie Ihr Passwort ein
site-passwords-differ = Die beiden Passwörter sind verschieden. Geben Sie zweimal dasselbe ein
site-code-needed = Geben Sie den Code aus der Mail ein
site-form-expired = Diese Seite war zu lange offen, oder das Formular kam nicht von ihr. Es wurde nichts geändert. Sehen Sie es noch einmal an und senden Sie es erneut
site-form-of-another-site = Dieses Formular kam von einer anderen Website. Es wurde nichts geändert
site-answer-lost = Es kam rechtzeitig keine Antwort; ob es geschehen ist, ist nicht bekannt. Sehen Sie die Seite noch einmal an, bevor Sie es erneut senden
site-session-ended = Sie wurden abgemeldet. Melden Sie sich an, um weiterzumachen.
site-session-ended-form-kept = Sie wurden abgemeldet, bevor dies gesendet war. Es wurde nichts geändert, und Ihre Eingaben sind noch da. Melden Sie sich an, um sie zu senden.
site-session-ends-soon =
    { $minutes ->
        [one] Ihre Sitzung endet in 1 Minute.
       *[other] Ihre Sitzung endet in { $minutes } Minuten.
    }
site-session-renew = Jetzt neu anmelden
site-logged-out = Sie sind abgemeldet.
site-password-is-set = Ihr neues Passwort gilt, und alle Sitzungen Ihres Kontos sind beendet. Melden Sie sich damit an.
site-account-is-open = Ihr Konto ist wieder offen. Melden Sie sich an.
site-look-into-mailbox = Sehen Sie in Ihr Postfach
site-mail-hint = Nach zehn Minuten noch keine Mail? Sehen Sie im Ordner für unerwünschte Mails nach, und prüfen Sie die eingegebene Adresse.
span-days =
    { $days ->
        [one] 1 Tag
       *[other] { $days } Tage
    }
span-hours =
    { $hours ->
        [one] 1 Stunde
       *[other] { $hours } Stunden
    }
span-minutes =
    { $minutes ->
        [one] 1 Minute
       *[other] { $minutes } Minuten
    }
span-two = { $first } { $second }
span-moment = weniger als eine Minute
local-time = { $weekday }, { $day }. { $month } { $year }, { $clock } Uhr ({ $zone })

## Seiten: Startseite

home-title = Wahlen per Link in der Mail
home-lead = U-Vote führt die Wahlen von Studierendenräten, Clubs und Vereinen durch. Jeder Wähler bekommt einen persönlichen Link per Mail und wählt einmal, ohne Konto.
home-register = Eine Wahl einrichten
home-log-in = Anmelden
home-to-elections = Zu Ihren Wahlen
home-voters-title = Sie wollen wählen
home-voters = Öffnen Sie den Link in der Mail, die Sie bekommen haben. Er zeigt Ihren Stimmzettel; ihn anzusehen ändert und verbraucht nichts.
home-request-link = Einen neuen Link anfordern
home-organisers-title = Sie veranstalten eine Wahl
home-organisers-1 = Schreiben Sie die Fragen, und wählen Sie, wie jede ausgezählt wird.
home-organisers-2 = Tragen Sie die Kandidierenden ein, und lesen Sie die Liste der Wähler ein.
home-organisers-3 = Prüfen Sie alles mit einem Probe-Stimmzettel, öffnen Sie dann die Wahl und versenden Sie die Links.
home-organisers-4 = Nach dem Ende werden die Stimmzettel von selbst ausgezählt, und das Ergebnis hat eine eigene Seite.
home-trust-title = Warum man dem Ergebnis trauen kann
home-trust = Die Stimmzettel bleiben versiegelt, bis die Wahl geschlossen ist: Vorher sieht niemand einen Stand, auch die Veranstalter nicht. Der Inhalt der Urne wird festgeschrieben, bevor sie geöffnet wird. Mit der Quittung kann jeder Wähler nachsehen, dass sein Stimmzettel in der Urne liegt.
home-programs = Alles geht auch mit einem Programm:
home-programs-link = alle Aufrufe der API
home-mail-catcher = Diese Installation ist zum Ausprobieren: Ihre Mails gehen an
home-mail-catcher-link = eine eigene Seite
home-down =
    { $count ->
        [one] Ein Teil dieser Installation antwortet gerade nicht.
       *[other] { $count } Teile dieser Installation antworten gerade nicht.
    }
home-down-more = Zustand der Dienste

## Seiten: hinein und hinaus

login-title = Anmelden
login-button = Anmelden
login-forgotten = Ich habe mein Passwort vergessen
login-locked = Mein Konto ist gesperrt
login-register = Ich habe noch kein Konto
login-voters = Sie wollen wählen? Wähler brauchen kein Konto.
register-title = Als Veranstalter registrieren
register-lead = Mit einem Konto können Sie Wahlen einrichten und durchführen. Wähler brauchen keines: Sie bekommen einen Link per Mail.
register-email = Dorthin geht der Code, der Ihre Adresse bestätigt.
register-email-invited = Die Adresse, an die die Einladung ging.
register-password = Mindestens 12 Zeichen. Am besten ein paar Wörter, die nur Sie so zusammenstellen.
register-button = Mein Konto anlegen
register-log-in = Ich habe schon ein Konto
forgotten-title = Passwort vergessen
forgotten-lead = Wir senden Ihnen eine Mail mit einem Link. Er führt zu einer Seite, auf der Sie ein neues Passwort setzen.
forgotten-email = Die, mit der Sie sich anmelden.
forgotten-button = Mail anfordern
locked-title = Gesperrtes Konto
locked-lead = Zu viele falsche Passwörter sperren ein Konto für eine Viertelstunde. Wir senden Ihnen eine Mail mit einem Link, der es sofort öffnet.
new-password-title = Ein neues Passwort setzen
new-password-lead = Das neue Passwort beendet alle Sitzungen Ihres Kontos. Melden Sie sich danach damit an.
new-password-button = Dieses Passwort setzen
new-password-another-mail = Noch eine Mail anfordern
unlock-title = Ihr gesperrtes Konto öffnen
unlock-lead = Falsche Passwörter haben Ihr Konto gesperrt. Dieser Knopf öffnet es für Sie und macht diesen Browser bekannt, damit andere, die weiter raten, Sie nicht aussperren. Ihr Passwort bleibt, wie es ist.
unlock-button = Mein Konto öffnen
resume-title = Sie sind wieder angemeldet
resume-kept = Ihre Eingaben sind noch da und wurden noch nicht gesendet.
resume-lead = Passwörter und Dateien werden nicht aufgehoben. Hatte das Formular welche, gehen Sie noch einmal zu seiner Seite.
resume-button = Jetzt senden
resume-leave = Nicht senden

## Seiten: Konto

account-title = Ihr Konto
account-verified = Adresse
account-verified-yes = bestätigt
account-verified-no = noch nicht bestätigt
account-session = Diese Sitzung
account-session-ends = endet in { $span }
account-why-verify = Solange Sie nicht gezeigt haben, dass die Adresse Ihnen gehört, werden Mails an Wähler vielleicht abgelehnt.
account-verify = Adresse bestätigen
account-just-verified = Ihre Adresse ist bestätigt.
account-password-title = Ein anderes Passwort
account-password-lead = Ein neues Passwort beendet alle Sitzungen Ihres Kontos, auf jedem Gerät, auch diese.
account-password-button = Passwort ändern
code-title = Bestätigen Sie Ihre Adresse
code-lead = Ein Code zeigt, dass die Adresse Ihnen gehört. Bis dahin werden Mails an Wähler vielleicht abgelehnt.
code-sent = Eine Mail mit einem Code ist unterwegs an { $email }.
code-hint = Acht Zeichen, wie 7QK2-M9XD.
code-button = Bestätigen
code-later = Später
code-send = Code anfordern
code-send-again = Noch einen Code anfordern

## Seiten: Einladungen

invitations-title = Einladungen
invitations-lead = Wen Sie einladen, der bekommt eine Mail mit einem Link für ein Konto als Veranstalter. Er gilt sieben Tage, für diese Adresse, einmal.
invitations-button = Einladung senden
invitations-open = Offene Einladungen
invitations-by = Eingeladen von
invitations-until = Gilt bis
invitations-withdraw = Zurückziehen
invitations-none = Keine offenen Einladungen
invitations-none-text = Wer sich registriert hat, steht nicht mehr hier.

## Seiten: Übersicht

dashboard-title = Wahlen
dashboard-superadmin = Als Superadmin sehen Sie die Wahlen aller Veranstalter. Ändern können Sie nur Ihre eigenen.
dashboard-new = Neue Wahl
dashboard-election = Wahl
dashboard-state = Zustand
dashboard-turnout = Beteiligung
dashboard-next = Als Nächstes
dashboard-voted = { $voted } von { $roll } haben gewählt
dashboard-roll =
    { $roll ->
        [0] noch keine Wähler
        [one] 1 Wähler
       *[other] { $roll } Wähler
    }
dashboard-more = Weitere Wahlen
dashboard-none = Noch keine Wahlen
dashboard-none-text = Beginnen Sie mit einer Vorlage, oder kopieren Sie eine frühere Wahl.
status-draft = Entwurf
status-scheduled = Geplant
status-active = Offen
status-closed = Geschlossen
status-archived = Archiviert
election-opens-in = öffnet in { $span }
election-open-for = noch { $span } offen
next-prepare = Weiter vorbereiten
next-check = Noch einmal ansehen
next-watch = Beteiligung ansehen
next-counting = Auszählung verfolgen
next-count-stopped = Die Auszählung steht still: warum?
next-publish = Ergebnis veröffentlichen
next-archive = Ergebnis ansehen
next-nothing = Ansehen
guide-mistake = Geben Sie eine Zeit nach der Öffnung ein, Montag, 23. November, 08:00 Uhr

## Seiten: eine neue Wahl

new-election = Neue Wahl
new-title = Titel
new-title-hint = So, wie Wähler ihn sehen, zum Beispiel: Studierendenrat 2026
new-title-needed = Geben Sie einen Titel ein
new-begin = Beginnen mit
new-president = Eine Präsidentin oder ein Präsident
new-president-hint = Wähler ordnen die Kandidierenden. Wer eine Mehrheit hat, gewinnt; bis dahin scheidet jeweils die letzte Person aus.
new-board = Ein Vorstand mit mehreren Sitzen
new-board-hint = Wähler ordnen die Kandidierenden. Die Sitze spiegeln die Wähler: Eine Minderheit, die sich einig ist, gewinnt ihren Anteil.
new-motion = Ein Antrag
new-motion-hint = Wähler sagen Ja oder Nein zu einem Text, oder sie enthalten sich.
new-copy = Eine Kopie einer früheren Wahl
new-copy-hint = Ihre Fragen und Regeln, ohne ihre Kandidierenden und Wähler.
new-copy-which = Welche Wahl
new-copy-which-hint = Nur für eine Kopie.
new-copy-needed = Wählen Sie die Wahl, die kopiert werden soll
new-seats = Sitze
new-seats-hint = Nur für einen Vorstand.
new-seats-needed = Geben Sie ein, wie viele gewählt werden, zum Beispiel 3
new-button = Wahl anlegen
new-question-president = Präsidium
new-question-board = Vorstand
delete-link = Diesen Entwurf löschen
delete-title = Diesen Entwurf löschen?
delete-lead = Mit ihm werden seine Fragen, Kandidierenden und Wähler gelöscht. Das lässt sich nie rückgängig machen.
delete-button = Entwurf löschen

## Seiten: der Rahmen einer Wahl

frame-stub = Diese Wahl
frame-steps = Schritte
frame-all-steps = Alle Schritte
frame-step = Schritt { $number } von { $of }
frame-step-name = Schritt { $number } von { $of }: { $name }
frame-details = Titel und Zeiten
frame-history = Verlauf
step-questions = Fragen
step-candidates = Kandidierende
step-voters = Wähler
step-check = Prüfen
step-open = Öffnen
step-watch = Verfolgen
step-close = Schließen
step-result = Ergebnis
step-is-done = erledigt
step-to-mend = zu verbessern
step-is-later = später
step-motions =
    { $questions ->
        [one] 1 Frage
       *[other] { $questions } Fragen
    }
step-questions-seats =
    { $seats ->
        [one] { $questions }, 1 Sitz
       *[other] { $questions }, { $seats } Sitze
    }
step-candidates-count =
    { $candidates ->
        [one] 1 Person
       *[other] { $candidates } Personen
    }
step-no-candidates = noch keine
step-no-candidates-needed = keine nötig
step-candidates-missing = { $contest } hat { $candidates }, braucht { $needed }
step-unknown = lässt sich gerade nicht zeigen
step-planned = geplant: { $time }
step-was-at = { $time }
step-by-hand = von Hand
step-counting = die Stimmzettel werden ausgezählt
step-count-stopped = Die Auszählung steht still
step-published = veröffentlicht
step-to-publish = noch zu veröffentlichen
time-in = in { $span }
time-ago = vor { $span }

## Seiten: Titel und Zeiten

details-title = Titel und Zeiten
details-description = Beschreibung
details-description-hint = Worum es geht. Wähler lesen es über ihrem Stimmzettel.
details-opens = Beginn
details-opens-hint = Ohne Zeit öffnen Sie die Wahl von Hand.
details-closes = Ende
details-closes-hint = Ohne Zeit schließen Sie die Wahl von Hand.
details-timezone = Zeitzone
details-timezone-hint = In dieser Zone sehen Wähler die Zeiten.
details-timezone-needed = Wählen Sie eine Zeitzone der Liste
details-time-unreadable = Geben Sie einen Tag und eine Uhrzeit ein, zum Beispiel 2026-11-23 08:00
details-publish = Das Ergebnis erscheint
details-publish-together = Sobald es ausgezählt ist
details-publish-together-hint = Alle sehen es zur selben Zeit wie Sie.
details-publish-manual = Wenn ich es veröffentliche
details-publish-manual-hint = Bis dahin sehen nur Sie, dass ausgezählt ist.
details-button = Speichern
details-fixed = Die Wahl ist freigegeben: Hier lässt sich nichts mehr ändern.

## Seiten: Fragen

questions-change-details = Titel und Zeiten ändern
questions-go-on = Weiter zu den Kandidierenden
question-seats =
    { $seats ->
        [one] 1 Person wird gewählt
       *[other] { $seats } Personen werden gewählt
    }

## Seiten: Kandidierende

## Seiten: Wähler

## Seiten: prüfen und öffnen

check-go-on = Weiter zum Öffnen
opening-title = Die Wahl öffnen?
opening-title-done = Die Wahl ist freigegeben
opening-opens = Beginn
opening-closes = Ende
opening-fixed = Steht danach fest
opening-fixed-what = Fragen, Kandidierende, Reihenfolge, Regeln
opening-never-undone = Das Öffnen lässt sich nicht rückgängig machen: Danach kann niemand mehr ändern, wovon ein Stimmzettel abhängt.
opening-button = Jetzt öffnen
opening-button-planned = Zur geplanten Zeit öffnen

## Seiten: verfolgen und schließen

watch-left = Verbleibende Zeit
closing-title = Die Wahl jetzt schließen?
closing-title-done = Die Abstimmung ist beendet
closing-opened = Geöffnete Stimmzettel
closing-opened-of = { $done } von { $total }
closing-never-undone = Danach kann niemand mehr wählen, und es lässt sich nicht rückgängig machen. Dann werden die Stimmzettel ausgezählt.
closing-button = Wahl schließen
closing-again = Noch einmal versuchen

## Seiten: Ergebnis

result-page = Zur Seite des Ergebnisses
result-publish = Ergebnis veröffentlichen
result-publish-lead = Das Ergebnis wird für alle öffentlich. Das lässt sich nicht rückgängig machen.
result-not-yet = Es gibt kein Ergebnis, bevor die Wahl geschlossen ist und ihre Stimmzettel ausgezählt sind.

## Seiten: Verlauf

history-title = Verlauf
