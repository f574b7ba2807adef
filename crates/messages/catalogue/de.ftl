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

## Was an einer Anfrage nicht stimmt

body-too-large = Das Formular ist größer als { $bytes } Bytes
too-much-work = Gerade wartet zu viel Arbeit. Versuchen Sie es in ein paar Sekunden noch einmal
election-busy = Mit dieser Wahl geschieht gerade etwas Großes. Es wurde nichts geändert; versuchen Sie es in ein paar Sekunden noch einmal
member-missing = fehlt
value-whole = muss eine ganze Zahl sein
value-whole-not-negative = muss eine ganze Zahl sein, 0 oder mehr
value-between = muss zwischen { $least } und { $most } liegen
value-number = muss eine Zahl sein
value-one-of = muss eines von diesen sein: { $offered }
text-empty = darf nicht leer sein
text-too-long = darf nicht länger als { $most } Zeichen sein
text-longer-than = ist länger als { $most } Zeichen
text-longer-than-bytes = ist länger als { $most } Bytes
text-with-line-ends = darf keine Zeilenenden oder Steuerzeichen enthalten
text-with-control-characters = darf keine Steuerzeichen enthalten
text-has-control-character = enthält ein Steuerzeichen
text-has-control-character-or-line-end = enthält ein Steuerzeichen oder ein Zeilenende
text-has-invisible-character = enthält ein unsichtbares Zeichen; tippen Sie neu, statt zu kopieren
text-has-unprintable-character = enthält ein Zeichen, das sich nicht drucken lässt
timezone-unknown = muss der Name einer Zeitzone der IANA-Datenbank sein, wie Europe/Berlin oder UTC
email-too-long = ist zu lang für eine Mailadresse (254 Zeichen, davon 64 vor dem @)
email-not-ascii = enthält ein Zeichen außerhalb von ASCII; schreiben Sie eine internationale Domain in ihrer xn---Form
email-malformed = ist keine Mailadresse der Form name@example.org

## Was eine Wahl nicht erlaubt

election-frozen = Diese Wahl wurde freigegeben: Ihre Einstellungen, Fragen und Kandidierenden stehen fest, weil jeder Stimmzettel an sie gebunden ist
election-already-activated = Diese Wahl wurde schon freigegeben
election-never-activated = Diese Wahl wurde nie freigegeben. Geben Sie sie zuerst frei
election-not-open-yet = Die Abstimmung in dieser Wahl hat noch nicht begonnen
election-voting-ended = Die Abstimmung in dieser Wahl ist beendet
election-has-history = Eine freigegebene Wahl lässt sich nicht löschen, weil sie Stimmen haben kann. Schließen und archivieren Sie sie stattdessen
election-links-sent = Zu dieser Wahl wurden Links versandt, darum lässt sie sich nicht löschen. Ist ihr Ende vorbei, verschieben Sie es auf später
election-still-active = Diese Wahl ist noch offen. Schließen Sie sie zuerst
election-already-open = Die Abstimmung in dieser Wahl hat schon begonnen
election-already-published = Das Ergebnis dieser Wahl ist schon veröffentlicht
election-not-published = Das Ergebnis dieser Wahl ist noch nicht veröffentlicht
election-still-counting = Die Stimmzettel dieser Wahl werden noch ausgezählt
election-archived = Diese Wahl ist archiviert
election-needs-contest = Die Wahl braucht mindestens eine Frage
election-needs-candidates = Die Wahl braucht mindestens 2 Kandidierende in „{ $contest }“
election-too-few-for-marks = „{ $contest }“ verlangt mindestens { $least } Kreuze und hat nur { $candidates } Kandidierende
election-roll-empty = Im Wählerverzeichnis steht niemand, also könnte niemand wählen. Lesen Sie zuerst die Wähler ein
election-closes-in-the-past = Das Ende ist schon vorbei. Setzen Sie zuerst ein späteres
election-end-passed = Das Ende ist vorbei, also könnte niemand wählen. Verschieben Sie es zuerst auf später
closes-before-opening = muss nach dem Beginn liegen
contest-has-candidates = kann kein Antrag werden, solange jemand darin kandidiert. Entfernen Sie zuerst die Kandidierenden
contest-text-missing = braucht den Text, über den abgestimmt wird
seats-out-of-range = muss zwischen 1 und { $most } liegen
marks-cannot-be-met = muss mindestens 1 sein und nicht kleiner als die Mindestzahl
votes-cannot-be-met = muss mindestens 1 sein, und für eine Person zwischen 1 und dieser Zahl
top-not-offered = muss 5, 9, 10, 20 oder 100 sein
majority-needs-one-seat = geht nur mit genau einem Sitz
none-of-the-above-cannot-be-shown-only = kann bei diesem Verfahren nur einen Sitz frei halten
majority-below-half = muss mindestens die Hälfte sein; { $share } ist weniger
contest-everybody-elected = „{ $contest }“ hat { $candidates } Kandidierende für { $seats } Sitze: Alle mit einer Stimme sind gewählt
candidate-name-taken = In dieser Frage steht schon jemand mit diesem Namen. Wähler könnten die beiden nicht unterscheiden
link-not-web = muss die Adresse einer Webseite sein, wie https://example.org/ann
photo-other-kind = Das ist kein Foto, das hier gelesen werden kann. Wählen Sie eine JPEG-, PNG- oder WebP-Datei
photo-too-many-pixels = Dieses Foto hat mehr als 25 Millionen Pixel. Verkleinern Sie es, und senden Sie es noch einmal
photo-damaged = Dieses Foto ist beschädigt oder unterwegs abgeschnitten worden. Öffnen Sie es in einem Bildprogramm, speichern Sie es neu, und senden Sie das
photo-file-too-large = Das Foto ist größer als 5 MB. Verkleinern Sie es, und senden Sie es noch einmal
programme-file-too-large = Das PDF ist größer als 5 MB. Verkleinern Sie es, und senden Sie es noch einmal
programme-file-other-kind = Das ist kein PDF. Speichern Sie das Programm als PDF, und senden Sie das
upload-again = Die Datei ließ sich in diesem Augenblick nicht speichern, und es wurde nichts geändert. Senden Sie sie noch einmal
copy-again = Eine Datei wurde in diesem Augenblick ersetzt, und es wurde nichts kopiert. Versuchen Sie es noch einmal
opening-needs-roll = Im Wählerverzeichnis steht niemand: Ohne Wähler öffnet die Wahl nicht

## Konten

registration-closed = Die Registrierung ist hier geschlossen. Bitten Sie den Betreiber dieser Installation um ein Konto
registration-not-invited = Nur wer eingeladen ist, kann sich hier registrieren. Bitten Sie den Betreiber dieser Installation um eine Einladung
registration-invitation-unusable = Diese Einladung ist nicht für diese Adresse, oder sie gilt nicht mehr: Sie wurde benutzt, zurückgezogen oder ist älter als sieben Tage
registration-address-known = Es gibt schon ein Konto mit dieser Adresse. Melden Sie sich damit an
inviting-not-superadmin = Nur Superadmins laden ein. Der Betreiber dieser Installation macht jemanden dazu
inviting-closed = Die Registrierung ist hier geschlossen, auch für Eingeladene
inviting-address-known = Es gibt schon ein Konto mit dieser Adresse
password-too-short = ist zu kurz; nehmen Sie 12 Zeichen oder mehr, zum Beispiel vier Wörter
password-too-long = ist zu lang; höchstens 72 Bytes zählen (Zeichen außerhalb von ASCII brauchen 2 bis 4)
password-control-character = enthält ein Steuerzeichen
password-contains-address = enthält Ihre Mailadresse, die alle kennen
password-common = ist eines von denen, die zuerst ausprobiert werden; nehmen Sie ein anderes, zum Beispiel vier Wörter, die nicht zusammengehören
login-wrong = Die Adresse oder das Passwort ist falsch. Nach fünf Fehlern hintereinander ist das Konto für Sie 15 Minuten gesperrt
account-locked = Zu viele Fehler hintereinander: Dieses Konto ist für Sie gesperrt. Versuchen Sie es in { $minutes } Minuten noch einmal. Ein Gerät, das sich schon einmal angemeldet hat, kommt weiter hinein; und der Link in der Mail an die Adresse des Kontos öffnet es sofort
account-locked-for-unknown = Zu viele Fehler: Dieses Konto ist für alle Geräte gesperrt, die sich noch nie darin angemeldet haben. Versuchen Sie es in { $minutes } Minuten noch einmal. Der Link in der Mail an die Adresse des Kontos öffnet es sofort
account-code-refused = ist nicht der Code dieser Mail oder gilt nicht mehr: Er verfällt nach fünf Versuchen, nach dem Benutzen oder wenn seine Zeit um ist. Fordern Sie einen neuen an
account-token-refused = gehört zu keiner Mail, die noch gilt: Er wurde benutzt, seine Zeit ist um, oder ein Teil fehlt. Öffnen Sie den Link noch einmal, oder fordern Sie eine neue Mail an
account-codes-too-soon = An diese Adresse wurden schon Codes gesendet: höchstens einer in zwei Minuten, drei in einer Stunde und sechs an einem Tag, bis die Adresse bestätigt ist. Sehen Sie in Ihr Postfach, auch in den Ordner für unerwünschte Mails
account-codes-waiting = Gerade werden zu viele Codes gesendet. Es ist nichts geschehen; versuchen Sie es in ein paar Sekunden noch einmal
account-too-many-wrong-passwords = In dieser Sitzung wurden fünf falsche Passwörter gesendet, darum ändert sie keines mehr. Melden Sie sich neu an
account-current-password-wrong = Das bisherige Passwort ist falsch. Eine Sitzung hat fünf Versuche
account-unlock-requested = Gibt es ein gesperrtes Konto mit dieser Adresse, ist eine Mail mit einem Link unterwegs. In einer Stunde werden höchstens drei solche Mails gesendet; kommt keine neue, gilt die neueste in Ihrem Postfach noch
account-reset-requested = Gibt es ein Konto mit dieser Adresse, ist eine Mail mit einem Link unterwegs. In einer Stunde werden höchstens drei solche Mails gesendet; kommt keine neue, gilt die neueste in Ihrem Postfach noch

## Arten von Problemen

problem-malformed-request = Die Anfrage lässt sich nicht lesen
problem-not-logged-in = Sie sind nicht angemeldet
problem-wrong-credentials = Falsche Adresse oder falsches Passwort
problem-not-allowed = Das steht Ihnen nicht zu
problem-not-allowed-advice = Bitten Sie den Betreiber dieser Installation um das Recht dazu.
problem-registration-closed = Die Registrierung ist geschlossen
problem-registration-closed-advice = Bitten Sie den Betreiber dieser Installation um ein Konto.
problem-not-found = Hier ist nichts
problem-not-found-advice = Prüfen Sie die Adresse. Was anderen gehört, ist für Sie auch nicht da.
problem-state-conflict = Der Zustand der Wahl erlaubt das nicht
problem-already-exists = Das gibt es schon
problem-results-not-published = Das Ergebnis ist noch nicht veröffentlicht
problem-count-stopped = Die Auszählung steht still
problem-too-large = Das ist zu groß
problem-unsupported-media-type = Diese Art von Inhalt wird hier nicht angenommen
problem-invalid-input = Ein Teil der Eingaben geht so nicht
problem-account-locked = Das Konto ist gesperrt
problem-election-locked = Die Wahl wird gerade geändert
problem-too-many-requests = Zu viele Anfragen
problem-internal-error = Bei uns ist etwas schiefgegangen
problem-internal-error-advice = Es wurde nichts halb getan. Versuchen Sie es noch einmal; wenn es so bleibt, nennen Sie dem Betreiber die Nummer.
problem-unavailable = Der Dienst kann gerade nicht antworten
problem-unavailable-advice = Versuchen Sie es in ein paar Sekunden noch einmal. Es wurde nichts halb getan.

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
account-session-ends = noch { $span }
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
election-opens-in = bis zum Öffnen noch { $span }
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
new-copy-hint = Ihre Fragen und Regeln und auf Wunsch ihre Kandidierenden. Nie ihre Wähler.
new-copy-which = Welche Wahl
new-copy-which-hint = Nur für eine Kopie.
new-copy-candidates = Ihre Kandidierenden mitnehmen
new-copy-candidates-hint = Mit ihren Texten, Fotos und PDF-Dateien. Wer zurückgezogen hat, bleibt weg.
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
time-in = noch { $span }
time-ago = { $span } her

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
details-end-before-opening = Geben Sie eine Zeit nach dem Beginn ein, { $time }
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

questions-change = Ändern
questions-remove = Entfernen
questions-add = Eine Frage hinzufügen
question-new = Eine neue Frage
question-change = Die Frage ändern
question-other-method = Anders auszählen
question-title = Frage
question-title-hint = Was gewählt wird, zum Beispiel: Präsidium
question-title-motion-hint = Ein kurzer Name des Antrags
question-title-needed = Geben Sie die Frage ein
question-number-needed = Geben Sie eine ganze Zahl ein
question-text = Text des Antrags
question-text-hint = Wort für Wort, wie darüber abgestimmt wird.
question-seats-hint = Wie viele gewählt werden.
question-min-marks = Mindestens so viele Kreuze
question-min-marks-hint = Auf einem Stimmzettel, der nicht leer ist.
question-max-marks = Höchstens so viele Kreuze
question-max-marks-hint = Leer: die übliche Zahl.
question-votes = Stimmen je Stimmzettel
question-votes-hint = Leer: so viele wie Sitze.
question-most-for-one = Davon für eine Person
question-most-for-one-hint = Leer: alle.
question-top = Höchste Punktzahl
question-top-hint = Wähler geben jeder Person 0 bis so viele Punkte.
question-passes = Der Antrag ist angenommen mit
passes-simple = mehr Ja als Nein
passes-two-thirds = mindestens zwei Dritteln von Ja und Nein zusammen
passes-absolute = mehr als der Hälfte aller Wähler im Wählerverzeichnis
question-blank = Wähler dürfen einen leeren Stimmzettel abgeben
question-blank-hint = Er zählt für das Quorum und für niemanden.
question-quorum = Quorum
question-quorum-hint = Welcher Anteil des Wählerverzeichnisses wählen muss. Mit weniger Stimmzetteln ist niemand gewählt.
question-majority = Nötige Mehrheit
question-majority-hint = Welchen Anteil der gültigen Stimmzettel die Gewinnerin oder der Gewinner braucht. Ohne ihn ist niemand gewählt.
share-none = keine
share-more-than = mehr als { $share }
share-at-least = mindestens { $share }
question-none = „Keine der Genannten“
question-none-hint = Ob Wähler sagen können, dass sie niemanden davon wollen.
question-none-no = steht nicht auf dem Stimmzettel
question-none-vacant = steht auf dem Stimmzettel und kann einen Sitz frei halten
question-none-shown = steht auf dem Stimmzettel und wird im Ergebnis nur gezeigt
question-ties = Gleichstand
question-ties-hint = Was geschieht, wenn zwei gleichauf liegen und das Verfahren dafür keine Regel hat.
question-ties-declare = Der Gleichstand ist das Ergebnis
question-ties-lot = Ein Los entscheidet, das niemand aussuchen kann
question-order = Reihenfolge auf dem Stimmzettel
question-order-fixed = Für alle dieselbe
question-order-fixed-hint = So, wie Sie die Kandidierenden ordnen.
question-order-rotated = Wechselnd
question-order-rotated-hint = Jeder Stimmzettel beginnt mit einer anderen Person, damit niemand davon profitiert, oben zu stehen.
question-remove-title = Diese Frage entfernen?
question-remove-lead = Mit ihr werden ihre Kandidierenden entfernt. Das lässt sich nicht rückgängig machen.
question-remove-button = Frage entfernen
methods-title = Wie wird ausgezählt?
methods-lead = Wichtig ist, wie viele gewählt werden und was Wähler auf ihrem Stimmzettel sagen können.
methods-good-for = Gut für:
methods-button = Weiter
methods-for-one = Eine Person oder eine Möglichkeit
methods-for-several = Ein Rat oder Vorstand, der seine Wähler spiegelt
methods-for-texts = Ein Text
method-plurality = Meiste Stimmen
method-plurality-does = Jedes Kreuz ist eine Stimme; wer die meisten hat, ist gewählt.
method-plurality-good = eine Wahl zwischen zweien, oder wenn nichts erklärt werden soll.
method-approval = Zustimmung
method-approval-does = Alle kreuzen an, wem sie zustimmen; wer die meiste Zustimmung hat, ist gewählt.
method-approval-good = eine schnelle Wahl unter vielen, etwa einen Termin, einen Namen oder einen Vorsitz.
method-cumulative = Mehrere Stimmen zum Verteilen
method-cumulative-does = Jeder Stimmzettel hat mehrere Stimmen, auch für eine Person; wer die meisten hat, ist gewählt.
method-cumulative-good = einen Vorstand, in dem auch eine einige Minderheit einen Sitz gewinnen soll.
method-score = Punkte
method-score-does = Alle geben jeder Person Punkte; die höchsten Summen sind gewählt.
method-score-good = das Bewerten von Vorschlägen oder Bewerbungen, wenn zählt, wie sehr etwas gefällt.
method-star = Punkte mit Stichwahl
method-star-does = Die zwei mit den höchsten Summen kommen in die Stichwahl; wen mehr Stimmzettel höher bewerten, gewinnt.
method-star-good = einen Vorsitz oder einen anderen einzelnen Sitz, mit Punkten von 0 bis 5.
method-borda = Punkte nach Rang
method-borda-does = Jeder Rang ist Punkte wert; wer die meisten Punkte hat, ist gewählt.
method-borda-good = das Ordnen von Vorschlägen, oder jemanden, mit dem die meisten leben können, wenn niemand taktisch wählt.
method-irv = Rangfolge, ein Sitz
method-irv-does = Alle ordnen die Kandidierenden; die letzte Person scheidet aus, und ihre Stimmzettel gehen an die nächste Wahl, bis jemand eine Mehrheit hat.
method-irv-good = ein Präsidium oder einen anderen einzelnen Sitz mit mehr als zwei Kandidierenden.
method-wigm = Rangfolge, mehrere Sitze (gewichtete Übertragung)
method-wigm-does = Alle ordnen die Kandidierenden; Stimmen über einer Quote und die der letzten Person gehen an die nächste Wahl.
method-wigm-good = Räte und Vorstände, deren Satzung diese Regel nennt.
method-scottish = Rangfolge, mehrere Sitze
method-scottish-does = Alle ordnen die Kandidierenden; Stimmen über einer Quote und die der letzten Person gehen an die nächste Wahl, wie in Schottland.
method-scottish-good = Räte und Vorstände ab drei Sitzen, die ihre Wähler spiegeln sollen, nach Regeln, die man von Hand auszählen kann.
method-meek = Rangfolge, mehrere Sitze (Meek)
method-meek-does = Alle ordnen die Kandidierenden; wer gewählt ist, behält von jeder Stimme nur den nötigen Teil, der Rest geht weiter.
method-meek-good = Räte und Vorstände, die ein Computer auszählt und in denen keine Stimme wegen der Reihenfolge der Zählung weniger wiegen soll.
method-schulze = Paarvergleich (Schulze)
method-schulze-does = Die Kandidierenden werden paarweise verglichen; gewählt ist, wer entlang der stärksten Ketten von Vergleichen gewinnt.
method-schulze-good = einen Sitz oder eine Ordnung von Vorschlägen, wenn gewinnen muss, wer alle anderen schlägt.
method-pairs = Paarvergleich (geordnete Paare)
method-pairs-does = Die Kandidierenden werden paarweise verglichen; die deutlichsten Vergleiche zählen zuerst, außer einer widerspricht den früheren.
method-pairs-good = einen Sitz oder eine Ordnung von Vorschlägen, wenn gewinnen muss, wer alle anderen schlägt, und man von Hand nachzählen will.
method-motion = Antrag
method-motion-does = Alle sagen Ja, Nein oder Enthaltung zu einem Text; er ist mit der Mehrheit angenommen, die die Regel nennt.
method-motion-good = einen Text, zu dem alle Ja oder Nein sagen.

## Seiten: Kandidierende

candidates-lead = Wer kandidiert, in der Reihenfolge des Stimmzettels.
candidates-none = Hier kandidiert noch niemand
candidates-none-hint = Tragen Sie mindestens { $needed } Kandidierende ein.
candidates-motion = In einem Antrag kandidiert niemand: Wähler sagen Ja oder Nein oder enthalten sich.
candidates-add = Jemanden eintragen
candidates-change = Ändern
candidates-remove = Entfernen
candidates-up = { $name } nach oben
candidates-down = { $name } nach unten
candidates-draw = Die Reihenfolge auslosen
candidates-preview = Ansehen wie die Wähler
candidates-only-name = bisher nur der Name
candidates-fixed = Die Wahl ist freigegeben. Niemand kann mehr ändern, wer kandidiert und was über sie gesagt wird, weil jeder Stimmzettel daran gebunden ist.
candidates-go-on = Weiter zu den Wählern
candidate-new = Jemanden eintragen
candidate-change = Angaben ändern
candidate-question = Kandidiert für
candidate-name = Name
candidate-name-hint = So, wie er auf dem Stimmzettel stehen soll.
candidate-name-needed = Geben Sie den Namen ein
candidate-party = Partei oder Liste
candidate-statement = Vorstellung
candidate-statement-hint = Steht auf dem Stimmzettel unter dem Namen. Am besten zwei oder drei Sätze.
candidate-vision = Vision
candidate-vision-hint = Was sie erreichen wollen. Wähler klappen es auf.
candidate-programme = Programm
candidate-programme-hint = Was sie tun wollen. Wähler klappen es auf.
candidate-link = Link
candidate-link-hint = Eine eigene Seite. Sie beginnt mit https://
candidate-photo = Foto
candidate-photo-hint = JPEG, PNG oder WebP, höchstens 5 MB. Es wird kleiner gespeichert, ohne Ort und Zeit der Aufnahme.
candidate-photo-remove = Das Foto entfernen
candidate-pdf = Programm als PDF
candidate-pdf-hint = Höchstens 5 MB. Wähler können es speichern.
candidate-pdf-now = Das gespeicherte PDF ansehen
candidate-pdf-remove = Das PDF entfernen
candidate-choose-file = Wählen Sie eine Datei, oder ziehen Sie sie hierher.
candidate-button = Speichern
candidate-rest-is-saved = Alles andere ist gespeichert.
candidate-files-again = Wählen Sie die Datei noch einmal: Der Fehler oben wurde gefunden, bevor sie gespeichert war
candidate-remove-title = Wirklich entfernen?
candidate-remove-lead = Was über diese Person gesagt wird, wird gelöscht, mit Foto und PDF. Das lässt sich nicht rückgängig machen.
candidate-remove-button = Entfernen
draw-title = Die Reihenfolge auslosen?
draw-lead = Die Kandidierenden dieser Frage bekommen eine zufällige Reihenfolge statt ihrer jetzigen.
draw-logged = Der Verlauf dieser Wahl speichert die Auslosung mit der Zahl, aus der sie entstand, damit alle sie wiederholen können. Er speichert jede Auslosung, auch wenn Sie noch einmal losen.
draw-button = Reihenfolge auslosen
candidates-preview-title = So sehen es die Wähler
candidates-preview-lead = So stehen die Kandidierenden auf dem Stimmzettel, ohne die Kreuze.
candidates-back = Zurück zu den Kandidierenden
ballot-more = Mehr über { $name }
ballot-vision = Vision
ballot-programme = Programm
ballot-link = Eigene Seite
ballot-new-tab = (öffnet einen neuen Tab)
ballot-programme-file = Programm als PDF
ballot-withdrew = (hat zurückgezogen und kann nicht gewählt werden)

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
closing-title-early = Geschlossen wird nach der Abstimmung
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
