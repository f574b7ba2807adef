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

page-nothing-chosen = Hier ist noch nichts gewählt
page-choice-refused = Diese Wahl { $why }
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
votes-cannot-be-met = muss zwischen 1 und { $most } liegen, und für eine Person zwischen 1 und dieser Zahl
share-out-of-reach = ist nie zu erreichen: Mehr als 100 % gibt es nicht
top-not-offered = muss 5, 9, 10, 20 oder 100 sein
majority-needs-one-seat = geht nur mit genau einem Sitz
none-of-the-above-cannot-be-shown-only = kann bei diesem Verfahren nur einen Sitz frei halten
majority-below-half = muss mindestens die Hälfte sein; { $share } ist weniger
contest-everybody-elected = „{ $contest }“ hat { $candidates } Kandidierende für { $seats } Sitze: Alle mit einer Stimme sind gewählt
candidate-name-taken = In dieser Frage steht schon jemand mit diesem Namen. Wähler könnten die beiden nicht unterscheiden
link-not-web = muss die Adresse einer Webseite sein, wie https://example.org/ann
photo-other-kind = Das ist kein Foto, das hier gelesen werden kann. Wählen Sie eine JPEG-, PNG- oder WebP-Datei
photo-too-many-pixels = Dieses Foto hat mehr als 25 Millionen Pixel, oder eine Seite von mehr als 12.000 Pixeln. Verkleinern Sie es, und senden Sie es noch einmal
photo-damaged = Dieses Foto ist beschädigt oder unterwegs abgeschnitten worden. Öffnen Sie es in einem Bildprogramm, speichern Sie es neu, und senden Sie das
photo-file-too-large = Das Foto ist größer als 5 MB. Verkleinern Sie es, und senden Sie es noch einmal
programme-file-too-large = Das PDF ist größer als 5 MB. Verkleinern Sie es, und senden Sie es noch einmal
programme-file-other-kind = Das ist kein PDF. Speichern Sie das Programm als PDF, und senden Sie das
upload-again = Die Datei ließ sich in diesem Augenblick nicht speichern, und es wurde nichts geändert. Senden Sie sie noch einmal
copy-again = Eine Datei wurde in diesem Augenblick ersetzt, und es wurde nichts kopiert. Versuchen Sie es noch einmal
opening-needs-roll = Im Wählerverzeichnis steht niemand: Ohne Wähler öffnet die Wahl nicht
opening-missed-end = Das Ende ist vorbei, darum öffnet die Wahl nicht. Verschieben Sie das Ende auf später, oder löschen Sie die Wahl
election-roll-closed = Die Abstimmung hat begonnen: Das Wählerverzeichnis ist geschlossen. Wer vergessen wurde, kommt mit einer Begründung hinein; wem ein Link gesandt wurde, der bleibt
amendment-reason-missing = muss sagen, warum; alle Wähler der Wahl können es lesen, also nennt es niemanden
late-reason-refused = { $why }. Die Abstimmung hat begonnen
links-unsent =
    { $voters ->
        [one] 1 Wähler hat noch keinen Link bekommen
       *[other] { $voters } Wähler haben noch keinen Link bekommen
    }
ranking-recognised = Nach dem Ende wird jeder Stimmzettel öffentlich, ohne Namen. Es kann so viele mögliche Reihenfolgen geben, dass jede nur einmal vorkommt. Wer einem Wähler eine Reihenfolge vorschreibt, kann diesen Stimmzettel dann wiederfinden
ranking-warning = In „{ $contest }“ wird geordnet. { $why }
orders-exceed-voters = In „{ $contest }“ gibt es mehr als hundert mögliche Reihenfolgen für jeden Wähler, also kann fast jeder Stimmzettel anders sein als alle anderen. { $why }
ballot-too-large = Der Stimmzettel ist zu groß: Eine Wahl hat höchstens { $most } Kandidierende, und ein Stimmzettel muss in 16 kB passen, das sind etwa 540 Kreuze oder 470 Ränge oder Punkte

## Was vor dem Öffnen auffällt

check-links-late = Die Abstimmung beginnt in { $span }, und { $unsent }
check-closes-at-night = Die Abstimmung endet nachts um { $clock } Uhr, wenn kaum jemand da ist, um Wählern zu antworten
check-opens-in-the-past = Der Beginn ist schon vorbei: Die Abstimmung beginnt, sobald Sie die Wahl öffnen
check-no-end = Es ist kein Ende gesetzt: Die Abstimmung geht weiter, bis Sie sie von Hand schließen
check-few-voters =
    { $voters ->
        [one] Im Wählerverzeichnis steht nur 1 Person: Das Ergebnis verrät, wie sie gewählt hat
       *[other] Im Wählerverzeichnis stehen nur { $voters } Personen: Das Ergebnis kann verraten, wie jemand gewählt hat
    }
check-mails-refused =
    { $mails ->
        [one] Ein Mailserver hat den Link für 1 Wähler abgelehnt. Berichtigen Sie die Adresse, oder senden Sie den Link noch einmal
       *[other] Mailserver haben die Links für { $mails } Wähler abgelehnt. Berichtigen Sie die Adressen, oder senden Sie die Links noch einmal
    }
check-address-unverified = Ihre eigene Mailadresse ist nicht bestätigt, darum gehen Links nur an Sie selbst. Bestätigen Sie sie

## Wählerverzeichnis und Links

on-roll-already = Diese Adresse steht schon im Wählerverzeichnis. Groß- und Kleinbuchstaben sind gleich
student-id-taken = Diese Matrikelnummer gehört schon einem anderen Wähler
student-id-of-other-voter = gehört einem anderen Wähler
student-id-of-other-line = gehört einem anderen Wähler, in Zeile { $line }
address-on-roll = steht schon im Wählerverzeichnis
address-of-other-line = steht schon in Zeile { $line }
student-id-kept = kann geändert, aber nicht mehr entfernt werden: Die Wahl ist freigegeben, und Wähler können damit um einen Link bitten
voter-can-have-link = Die Abstimmung läuft, und dieser Wähler hat einen Link bekommen oder eine Matrikelnummer, mit der man um einen bittet: Wer einen Link haben kann, bleibt im Verzeichnis. Ist die Adresse falsch, berichtigen Sie sie
voters-anonymised = Die Wähler dieser Wahl sind anonymisiert: Es ist niemand mehr da, dem man schreiben könnte
own-address-unverified = Ihre eigene Mailadresse ist noch nicht bestätigt, darum gehen Mails an niemanden sonst. Bestätigen Sie sie zuerst
resend-limit = Diesem Wähler wurde der Link { $most } Mal noch einmal gesandt, mehr geht nicht. Prüfen Sie die Adresse
reminders-taken = Wer einen Link hat und noch nicht gewählt hat, wird mit einem neuen Link erinnert, außer wer keine Erinnerungen mehr will. Wie viele das sind, wird nicht gesagt: Es würde verraten, wer gewählt hat
test-mail-limit = In einer Stunde wurden { $most } Testmails gesandt, mehr geht nicht. Warten Sie, bis die Stunde um ist
test-mail-unverified = Ihre eigene Mailadresse ist noch nicht bestätigt, darum geht keine Testmail an sie. Bestätigen Sie sie zuerst

## Eine Datei mit Wählern

file-old-excel = Das ist eine Datei eines alten Excel (.xls). Speichern Sie sie als .xlsx oder CSV und senden Sie diese
file-binary-excel = Das ist eine binäre Excel-Datei (.xlsb). Speichern Sie sie als .xlsx oder CSV und senden Sie diese
file-with-macros = Diese Arbeitsmappe kann Makros enthalten (.xlsm). Speichern Sie sie als .xlsx oder CSV und senden Sie diese
file-open-document = Das ist eine OpenDocument-Datei (.ods). Speichern Sie sie als .xlsx oder CSV und senden Sie diese
file-encrypted = Diese Datei hat ein Passwort. Speichern Sie sie als .xlsx ohne Passwort oder als CSV und senden Sie diese
file-other-archive = Das ist weder eine Tabelle noch eine CSV-Datei. Speichern Sie in Ihrem Tabellenprogramm als .xlsx oder CSV und senden Sie diese
file-workbook-damaged = Diese Tabelle lässt sich nicht lesen: Sie ist beschädigt oder ungewöhnlich geschrieben. Speichern Sie sie noch einmal als .xlsx oder als CSV und senden Sie diese
file-workbook-too-large = In dieser Tabelle steht zu viel. Kopieren Sie die Wähler in eine neue Arbeitsmappe, ohne Formate, und speichern Sie sie als .xlsx oder CSV. Mehr als 200000 Wähler senden Sie in Teilen
file-hidden-sheet = Die Wähler stehen wohl im ausgeblendeten Blatt „{ $sheet }“, und nur sichtbare Blätter werden gelesen. Blenden Sie es ein, speichern Sie und senden Sie die Datei noch einmal
cell-is-date = ist für Ihr Tabellenprogramm ein Datum. Formatieren Sie die Spalte als Text, tippen Sie die Nummer neu und senden Sie die Datei noch einmal
cell-number-cut = hat mehr als 15 Ziffern, und Ihr Tabellenprogramm hat die letzten durch Nullen ersetzt. Formatieren Sie die Spalte als Text, tippen Sie die Nummer neu und senden Sie die Datei noch einmal
cell-is-error = ist eine Formel mit einem Fehler
file-empty = Die Datei ist leer
file-without-voter = In der Datei steht nur die Zeile mit den Spalten und kein Wähler. Es wurde nichts eingelesen
file-not-text = Die Datei ist kein reiner Text: Sie enthält ein Nullbyte. Speichern Sie sie als CSV in UTF-8
file-utf16 = Die Datei ist UTF-16-Text. Speichern Sie sie als CSV in UTF-8
file-without-email-column = Die erste Zeile muss die Spalten nennen, und eine davon muss „email“ heißen: email,first_name,last_name. Sie lautet: { $line }
file-begins-with-voter = Die erste Zeile muss die Spalten nennen, und eine davon muss „email“ heißen: email,first_name,last_name. Es steht wohl ein Wähler darin
file-header-too-long = Die erste Zeile ist länger als 16 kB. Sie muss die Spalten nennen: email,first_name,last_name
file-column-twice = Die erste Zeile nennt die Spalte „{ $column }“ zweimal
file-too-many-lines = Die Datei hat mehr als 200000 Zeilen. Teilen Sie sie und senden Sie die Teile nacheinander
file-too-large = Die Datei ist größer als 20 MB. Teilen Sie sie und senden Sie die Teile nacheinander
line-not-utf8 = ist anders kodiert als der Rest der Datei (Windows-1252, der Rest ist UTF-8), ihre Buchstaben kämen falsch heraus. Speichern Sie die ganze Datei als CSV in UTF-8
line-not-windows = ist anders kodiert als der Rest der Datei (UTF-8, der Rest ist Windows-1252), ihre Buchstaben kämen falsch heraus. Speichern Sie die ganze Datei als CSV in UTF-8
line-in-two-encodings = ist in zwei Kodierungen geschrieben (UTF-8 und Windows-1252), einige Buchstaben kämen falsch heraus. Speichern Sie die ganze Datei als CSV in UTF-8
line-too-many-fields = hat { $fields } Felder, die Kopfzeile aber { $columns }. Setzen Sie ein Feld, das ein Trennzeichen enthält, in Anführungszeichen
import-nothing-new = Keine Zeile ist ein neuer Wähler, also gibt es nichts zu bestätigen
import-outdated = Das Wählerverzeichnis hat sich seit der Vorschau geändert, darum wurde nichts eingelesen. Sehen Sie die Vorschau noch einmal an und bestätigen Sie sie dann

## Was aus einer Mail wurde

mail-server-said = { $code } { $said }
mail-server-silent = der Mailserver hat { $seconds } Sekunden lang nicht geantwortet
mail-server-trouble = der Mailserver ist nicht erreichbar: { $cause }
mail-given-up = nach { $days } Tagen aufgegeben; zuletzt: { $reason }
mail-unreadable = die gespeicherte Mail lässt sich nicht öffnen: { $cause }
mail-of-other-version = die gespeicherte Mail ist von einer anderen Version
mail-unwritable = daraus lässt sich keine Mail machen: { $cause }

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

## Mails. Die Anrede endet mit einem Komma, der erste Satz geht also klein weiter. Um einen Titel stehen Anführungszeichen, auf einer Seite
## ist er fett; beides kommt dazu, der Satz hier hat keine.

mail-greeting = Guten Tag { $name },
mail-greeting-nobody = Guten Tag,
mail-footer = U-Vote sendet diese Mail selbsttätig. Antworten liest niemand.
mail-button-fallback = Wenn die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:
mail-spent-code = Ihr Code für das benutzte Wahlrecht:

mail-link-subject = Ihr Link zum Wählen: { $title }
mail-link-again-subject = Ihr neuer Link zum Wählen: { $title }
mail-reminder-subject = Erinnerung an die Wahl: { $title }
mail-link-invited = Sie sind eingeladen, in { $title } zu wählen.
mail-link-reminder = die Abstimmung in { $title } läuft, und als diese Mail entstand, war mit Ihrem Link noch kein Stimmzettel abgegeben.
mail-link-requested = Sie haben um einen neuen Link für { $title } gebeten.
mail-link-corrected = Ihre Adresse für { $title } wurde in diese geändert. Hier ist Ihr Link zum Wählen.
mail-link-vote-now = Jetzt wählen
mail-link-replaces = Ein Link, den Sie früher bekommen haben, gilt nicht mehr. Benutzen Sie diesen.
mail-link-not-asked = Wenn Sie nicht darum gebeten haben, war es jemand, der Ihre Nummer und diese Adresse kennt. Sonst ist nichts geschehen: Diese Mail ging an Sie und an niemanden sonst.
mail-link-is-yours = Der Link gehört Ihnen allein. Wer ihn hat, kann an Ihrer Stelle wählen; geben Sie diese Mail also nicht weiter. Durch das Öffnen wird er nicht verbraucht, erst durch das Abgeben eines Stimmzettels.
mail-link-expires = Der Link gilt bis { $time }.
mail-link-works-until = Der Link gilt mindestens bis { $time }.
mail-link-voting-ends = Die Abstimmung endet am { $time }.
mail-link-code-on-page = Die Seite hinter dem Link zeigt auch Ihren Code, der für Ihr Wahlrecht steht. Heben Sie ihn auf: Nach dem Ende bekommen Sie eine Mail mit ihm, wenn Ihr Wahlrecht benutzt wurde.
mail-link-keep-code = Heben Sie diesen Code auf. Er steht für Ihr Wahlrecht. Nach dem Ende bekommen Sie eine Mail mit ihm, wenn Ihr Wahlrecht benutzt wurde. Wenn Sie nicht gewählt haben und eine solche Mail kommt, hat jemand an Ihrer Stelle gewählt: Sagen Sie es dem Veranstalter.
mail-link-stop-reminders = Wenn Sie an diese Wahl nicht mehr erinnert werden wollen
mail-link-stop-and-vote = Wählen können Sie trotzdem.

mail-test-subject = Test: { $subject }
mail-test-note = Das ist ein Test. Wähler bekommen dieselbe Mail, jede Person mit einem eigenen Link. Der Stimmzettel hinter diesem Link zählt nirgends.

mail-recorded-subject = Zu Ihrem Link zum Wählen: { $title }
mail-recorded-requested = Sie haben um einen neuen Link für { $title } gebeten.
mail-recorded-corrected = Ihre Adresse für { $title } wurde in diese geändert.
mail-recorded-resent = der Veranstalter von { $title } hat einen neuen Link für Sie angefordert.
mail-recorded-sent = der Veranstalter von { $title } hat einen Link für Sie angefordert.
mail-recorded-nobody-told = Mit Ihrem Link wurde schon ein Stimmzettel abgegeben, darum gibt es keinen neuen. Jede Person hat einen Stimmzettel. Das erfährt niemand außer Ihnen.
mail-recorded-organiser-not-told = Mit Ihrem Link wurde schon ein Stimmzettel abgegeben, darum gibt es keinen neuen. Jede Person hat einen Stimmzettel. Der Veranstalter erfährt das nicht; nur Sie.
mail-recorded-not-you = Wenn nicht Sie gewählt haben, sagen Sie es dem Veranstalter.
mail-recorded-code-on-page = Ihr Code steht auf der Seite, die Ihr benutzter Link öffnet.
mail-recorded-code-means = Er steht für Ihr Wahlrecht. Nach dem Ende bekommen Sie eine Mail mit ihm, wenn Ihr Wahlrecht benutzt wurde.

mail-corrected-subject = Die Adresse eines Wählers wurde geändert: { $title }
mail-corrected-changed = diese Adresse stand im Wählerverzeichnis von { $title }. Der Veranstalter hat sie in { $address } geändert.
mail-corrected-old-link = Ein Link zum Wählen, der hierher gesandt wurde, gilt nicht mehr.
mail-corrected-what-to-do = Wenn Sie nicht diese Person sind, ist nichts zu tun. Wenn Sie es sind und das nicht wollten, schreiben Sie sofort dem Veranstalter: { $organiser }

mail-used-subject = Ihr Wahlrecht wurde benutzt: { $title }
mail-used-recorded = die Abstimmung in { $title } ist beendet. Mit Ihrem Wahlrecht wurde ein Stimmzettel abgegeben. Wann und für wen, weiß diese Mail nicht.
mail-used-not-you = Wenn Sie nicht gewählt haben, hat jemand an Ihrer Stelle gewählt: Sagen Sie es dem Veranstalter.
mail-used-same-code = Es ist derselbe Code wie in Ihrer Einladung; er steht für Ihr Wahlrecht.

mail-results-subject = Das Ergebnis ist da: { $title }
mail-results-published = die Stimmen in { $title } sind ausgezählt, und das Ergebnis ist veröffentlicht.
mail-results-view = Ergebnis ansehen
mail-results-head = Heben Sie diese Mail auf. Mit diesen Zeilen kann später jeder fragen, ob das Protokoll dessen, was getan wurde, noch dasselbe ist. Das Protokoll dieser Installation war bei Eintrag { $entry }; sein Hash deckt ihn und alle davor:
mail-results-head-signed = Von dieser Installation signiert, { $time }:
mail-results-head-check = Diese Adresse sagt, ob das Protokoll diesen Eintrag noch so hat und wann die Installation zuletzt jeden Eintrag davor angesehen hat. Das tut sie jede Stunde, und ob sie einen geänderten oder fehlenden fand, steht auch dort

mail-sealed-subject = Die Urne ist versiegelt: { $title }
mail-sealed-closed = die Urne von { $title } ist geschlossen und versiegelt. Noch niemand hat einen Stimmzettel geöffnet.
mail-sealed-ballots = Stimmzettel in der Urne: { $ballots }
mail-sealed-ballots-hash = SHA-256 über ihre sortierten Prüfsummen:
mail-sealed-used-rights = Benutzte Wahlrechte: { $used }, von { $roll } Wählern im Verzeichnis
mail-sealed-used-rights-hash = SHA-256 über die sortierte Liste der benutzten Wahlrechte:
mail-sealed-withdrawn-hash = SHA-256 über die sortierten Nummern der Kandidierenden, die zurückgetreten sind:
mail-sealed-signature = Signatur dieser Installation über all das:
mail-sealed-never-halted = Das Aufnehmen der Stimmzettel war nie angehalten.
mail-sealed-halted-and-resumed =
    { $halts ->
        [one] Das Aufnehmen war einmal angehalten, weil abgegebene Stimmzettel fehlten, und ging weiter. Der Grund steht beim Ergebnis.
       *[other] Das Aufnehmen war { $halts } Mal angehalten, weil abgegebene Stimmzettel fehlten, und ging jedes Mal weiter. Die Gründe stehen beim Ergebnis.
    }
mail-sealed-halted-at-the-end =
    { $resumptions ->
        [0] Das Aufnehmen war angehalten, weil abgegebene Stimmzettel fehlten, und ging vor dem Ende der Abstimmung nicht weiter. Das Ergebnis wird es sagen.
       *[other] Das Aufnehmen war { $halts } Mal angehalten, weil abgegebene Stimmzettel fehlten. Nach dem letzten Mal ging es vor dem Ende der Abstimmung nicht weiter. Das Ergebnis wird es sagen.
    }
mail-sealed-recording-signature = Signatur über das und den Hash der Stimmzettel:
mail-sealed-keep = Heben Sie diese Mail auf. Wer von jetzt an einen Stimmzettel ändert, hinzufügt oder entfernt oder ändert, wer teilgenommen hat, bekommt andere Zahlen und Hashes als diese. Sie können sie mit denen auf der Seite des Ergebnisses vergleichen.

mail-code-verify-subject = Ihr Code zum Bestätigen dieser Adresse
mail-code-unlock-subject = Ihr Konto ist gesperrt: ein Link, der es öffnet
mail-code-reset-subject = Ihr Link für ein neues Passwort
mail-code-verify = geben Sie diesen Code ein, um zu zeigen, dass diese Adresse Ihnen gehört:
mail-code-unlock = jemand hat sich immer wieder vergeblich an Ihrem Konto angemeldet, darum wurde es für ihn gesperrt. Ein Gerät, das sich schon einmal angemeldet hat, kommt weiter hinein. Wenn Sie nicht hineinkommen, öffnet dieser Link das Konto sofort:
mail-code-reset = jemand hat ein neues Passwort für Ihr Konto angefordert. Mit diesem Link setzen Sie eines:
mail-code-unlock-open = Mein Konto öffnen
mail-code-reset-set = Neues Passwort setzen
mail-code-or-code = Oder geben Sie diesen Code ein:
mail-code-good-until = Der Code gilt einmal, bis { $time }. Niemand von U-Vote wird Sie je danach fragen. Wenn Sie diese Mail nicht erwartet haben, tun Sie nichts: Ohne sie ändert sich nichts.
mail-code-either-good-until = Beides gilt einmal, bis { $time }. Niemand von U-Vote wird Sie je danach fragen. Wenn Sie diese Mail nicht erwartet haben, tun Sie nichts: Ohne sie ändert sich nichts.

mail-invitation-subject = Sie sind eingeladen, Wahlen zu veranstalten
mail-invitation-by = { $admin } lädt Sie ein, mit U-Vote Wahlen zu veranstalten.
mail-invitation-make-account = Konto anlegen
mail-invitation-good-until = Der Link ist nur für diese Adresse und gilt bis { $time }. Wenn Sie nicht wissen, wer Sie einlädt, tun Sie nichts.

mail-opened-subject = Die Abstimmung läuft, und Links fehlen: { $title }
mail-opened = die Abstimmung in { $title } hat zu ihrer Zeit begonnen.
mail-opened-links-unsent =
    { $voters ->
        [one] 1 Wähler hat noch keinen Link bekommen und kann nicht wählen. Senden Sie die Links: Wer einen hat, behält ihn und bekommt keine zweite Mail.
       *[other] { $voters } Wähler haben noch keinen Link bekommen und können nicht wählen. Senden Sie die Links: Wer einen hat, behält ihn und bekommt keine zweite Mail.
    }

mail-count-stopped-subject = Die Auszählung steht still: { $title }
mail-count-stopped = die Auszählung von { $title } steht still.
mail-count-stopped-reason = Grund: { $reason }
mail-count-stopped-what-to-do = Kein Stimmzettel ist verloren, und niemand hat ein Ergebnis gesehen. Zeigen Sie diese Mail dem Betreiber der Installation. Wenn die Ursache behoben ist, schließen Sie die Wahl noch einmal: Die Auszählung geht dort weiter, wo sie stand.
mail-halted-subject = Die Abstimmung ist angehalten, abgegebene Stimmzettel fehlen: { $title }
mail-halted = die Abstimmung in { $title } ist angehalten. In der Urne liegen nicht mehr alle Stimmzettel, die darin aufgenommen wurden.
mail-halted-what-to-do = Es werden keine Stimmzettel mehr angenommen. Unbenutzte Links gelten weiter. Zeigen Sie diese Mail sofort dem Betreiber der Installation: Er findet heraus, was geschehen ist, und lässt die Abstimmung weitergehen. Alle Wähler können dann lesen, dass sie angehalten war und warum.
mail-halted-if-closed = Wird die Wahl vorher geschlossen, werden die Stimmzettel in der Urne ausgezählt, und das Ergebnis sagt, dass abgegebene Stimmzettel fehlten.
mail-end-passed-subject = Die Abstimmung hat nicht begonnen, ihr Ende ist vorbei: { $title }
mail-end-passed = das Ende von { $title } ist vorbei, und die Abstimmung hat nicht begonnen. Niemand konnte also wählen.
mail-end-passed-what-to-do = Verschieben Sie das Ende auf später, und lesen Sie die Wähler ein, wenn niemand im Verzeichnis steht. Dann beginnt die Abstimmung von selbst. Wenn kein Link gesandt wurde, können Sie die Wahl auch löschen.
mail-roll-empty-subject = Die Abstimmung kann nicht beginnen, im Verzeichnis steht niemand: { $title }
mail-roll-empty = der Beginn von { $title } ist da, und im Wählerverzeichnis steht niemand. Darum hat die Abstimmung nicht begonnen: Niemand könnte wählen.
mail-roll-empty-what-to-do = Lesen Sie das ganze Verzeichnis in einer Datei ein. Sie müssen es nicht begründen. Die Abstimmung beginnt von selbst, sobald jemand im Verzeichnis steht; wer danach dazukommt, ist verspätet und wird mit einer Begründung bekanntgegeben. Senden Sie dann die Links.

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
refused-kept = Was Sie eingegeben haben, bleibt auf dieser Seite erhalten, außer Dateien und Passwörtern.
refused-again = Noch einmal senden
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
next-archive = Niederschrift drucken, dann archivieren
next-missed-end = Das Ende ist vorbei: auf später verschieben
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
new-copy-hint = Die Fragen und Regeln und auf Wunsch die Kandidierenden. Nie die Wähler.
new-copy-which = Welche Wahl
new-copy-which-hint = Nur für eine Kopie.
new-copy-candidates = Kandidierende mitkopieren
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
details-locale = Sprache der Mails
details-locale-hint = In dieser Sprache bekommen Wähler ihre Mails.
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
share-none = nicht verlangt
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
method-scottish-stv = Rangfolge, mehrere Sitze
method-scottish-stv-does = Alle ordnen die Kandidierenden; Stimmen über einer Quote und die der letzten Person gehen an die nächste Wahl, wie in Schottland.
method-scottish-stv-good = Räte und Vorstände ab drei Sitzen, die ihre Wähler spiegeln sollen, nach Regeln, die man von Hand auszählen kann.
method-meek-stv = Rangfolge, mehrere Sitze (Meek)
method-meek-stv-does = Alle ordnen die Kandidierenden; wer gewählt ist, behält von jeder Stimme nur den nötigen Teil, der Rest geht weiter.
method-meek-stv-good = Räte und Vorstände, die ein Computer auszählt und in denen keine Stimme wegen der Reihenfolge der Zählung weniger wiegen soll.
method-schulze = Paarvergleich (Schulze)
method-schulze-does = Die Kandidierenden werden paarweise verglichen; gewählt ist, wer entlang der stärksten Ketten von Vergleichen gewinnt.
method-schulze-good = einen Sitz oder eine Ordnung von Vorschlägen, wenn gewinnen muss, wer alle anderen schlägt.
method-ranked-pairs = Paarvergleich (geordnete Paare)
method-ranked-pairs-does = Die Kandidierenden werden paarweise verglichen; die deutlichsten Vergleiche zählen zuerst, außer einer widerspricht den früheren.
method-ranked-pairs-good = einen Sitz oder eine Ordnung von Vorschlägen, wenn gewinnen muss, wer alle anderen schlägt, und man von Hand nachzählen will.
method-motion = Antrag
method-motion-does = Alle sagen Ja, Nein oder Enthaltung zu einem Text; er ist mit der Mehrheit angenommen, die die Regel nennt.
method-motion-good = einen Text, zu dem alle Ja oder Nein sagen.

## Seiten: Kandidierende

candidates-lead = Die Kandidierenden jeder Frage, in der Reihenfolge, die Sie festlegen. Wenn Sie eine wechselnde Reihenfolge gewählt haben, beginnt jeder Stimmzettel mit jemand anderem.
candidates-none = Hier kandidiert noch niemand
candidates-none-hint = Tragen Sie mindestens { $needed } Kandidierende ein.
candidates-motion = In einem Antrag kandidiert niemand: Wähler sagen Ja oder Nein oder enthalten sich.
candidates-add = Jemanden eintragen
candidates-change = Ändern
candidates-remove = Entfernen
candidates-up = { $name } nach oben
candidates-down = { $name } nach unten
candidates-draw = Die Reihenfolge auslosen
candidates-preview = Ansicht der Wähler
candidates-only-name = bisher nur der Name
candidates-fixed = Fragen und Kandidierende stehen fest. Niemand kann die Kandidierenden und ihre Texte mehr ändern, weil jeder Stimmzettel daran gebunden ist.
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
candidate-vision-hint = Was diese Person erreichen will. Auf dem Stimmzettel ist es eingeklappt, Wähler können es öffnen.
candidate-programme = Programm
candidate-programme-hint = Was diese Person tun will. Auf dem Stimmzettel ist es eingeklappt, Wähler können es öffnen.
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
candidate-files-again = Wählen Sie die Datei noch einmal: Wegen des Fehlers oben wurde sie nicht gespeichert
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
ballot-withdrew = (kandidiert nicht mehr und kann nicht gewählt werden)

## Seiten: Wähler

voters-import = Wähler einlesen
voters-add = Eine Person hinzufügen
voters-send = Links senden
voters-remind = Erinnerungen senden
voters-download = Wählerverzeichnis herunterladen (CSV)
voters-none = Noch keine Wähler
voters-none-text = Lesen Sie eine Datei ein, fügen Sie Zeilen ein, oder fügen Sie Wähler einzeln hinzu. Niemand bekommt eine Mail, bevor Sie die Links senden.
voters-waiting =
    { $voters ->
        [0] Eine Datei wartet bis { $time }, aber kein Wähler darin ist neu.
        [one] Eine Datei mit 1 neuen Wähler wartet auf Ihre Bestätigung, bis { $time }.
       *[other] Eine Datei mit { $voters } neuen Wählern wartet auf Ihre Bestätigung, bis { $time }.
    }
voters-waiting-look = Ansehen
voters-bounced =
    { $mails ->
        [one] Die Mail mit dem Link kam bei 1 Wähler zurück.
       *[other] Die Mails mit den Links kamen bei { $mails } Wählern zurück.
    }
voters-bounced-text = Diese Wähler haben keinen Link, der funktioniert. Berichtigen Sie die Adresse, oder senden Sie den Link noch einmal.
voters-bounced-show = Diese Wähler zeigen
voters-waiting-mails =
    { $mails ->
        [one] 1 Mail ist noch unterwegs.
       *[other] { $mails } Mails sind noch unterwegs.
    }
voters-unsent =
    { $voters ->
        [one] 1 Wähler hat noch keinen Link bekommen.
       *[other] { $voters } Wähler haben noch keinen Link bekommen.
    }
voters-all-sent = Alle Wähler haben einen Link bekommen.
voters-sending = Gerade werden Links gesandt.
voters-search = Suchen
voters-search-hint = Ein Teil einer Adresse, eines Namens oder einer Matrikelnummer.
voters-search-button = Suchen
voters-filter = Mail mit dem Link
voters-filter-all = Alle
voters-show-all = Alle Wähler zeigen
voters-nobody-found = Niemand passt dazu
voters-nobody-found-text = Suchen Sie nach etwas anderem, oder lassen Sie sich alle Wähler zeigen.
voters-caption = Wähler im Verzeichnis
voters-name = Name
voters-first-name = Vorname
voters-last-name = Nachname
voters-student-id = Matrikelnummer
voters-cohort = Jahrgang oder Klasse
voters-mail = Mail mit dem Link
voters-change = Ändern
voters-next-page = Nächste Seite
voters-first-page = Erste Seite
voters-are-fixed = Die Abstimmung ist beendet: Das Wählerverzeichnis bleibt, wie es ist, und was aus den einzelnen Mails wurde, ist nicht mehr bekannt.
voters-are-added = Die Person steht im Wählerverzeichnis.
voters-are-imported =
    { $voters ->
        [one] 1 Wähler wurde hinzugefügt.
       *[other] { $voters } Wähler wurden hinzugefügt.
    }
voters-are-discarded = Die Datei ist verworfen. Nichts davon steht im Wählerverzeichnis.
voters-is-removed = Die Person steht nicht mehr im Wählerverzeichnis.
voters-links-sent =
    { $voters ->
        [0] Alle hatten schon einen Link.
        [one] 1 Link ist unterwegs.
       *[other] { $voters } Links sind unterwegs.
    }
voters-reminders-sent = Die Erinnerungen sind unterwegs.
voter-mail-none = kein Link gesandt
voter-mail-queued = unterwegs
voter-mail-deferred = wird noch einmal versucht
voter-mail-sent = gesandt
voter-mail-refused = kam zurück
voter-mail-forgotten = nicht mehr bekannt
voter-new-title = Eine Person hinzufügen
voter-new-button = Hinzufügen
voter-email-needed = Geben Sie die Mailadresse ein
voter-reason = Warum diese Person erst jetzt dazukommt
voters-reason = Warum diese Wähler erst jetzt dazukommen
voter-reason-hint = Die Abstimmung läuft. Alle Wähler können diese Begründung lesen, darum sollte sie niemanden nennen.
voter-reason-needed = Geben Sie eine Begründung ein. Alle Wähler können sie lesen
voter-title = { $voter }
voter-correct = Den Eintrag berichtigen
voter-correct-quiet = Diese Person hat noch keinen Link bekommen, darum bekommt niemand eine Mail darüber.
voter-correct-loud = Mit einer anderen Adresse gilt der alte Link sofort nicht mehr. Ein neuer Link geht an die neue Adresse, und eine Mail an die alte Adresse sagt, dass sie geändert wurde. Ein anderer Name oder eine andere Nummer löst keine Mail aus.
voter-correct-button = Speichern
voter-is-corrected = Der Eintrag ist berichtigt.
voter-resend = Den Link noch einmal senden
voter-resend-first = Dieser Person einen Link senden
voter-resend-text = Eine Mail mit einem neuen Link geht an { $email }, und der alte Link gilt nicht mehr. Wer schon gewählt hat, bekommt stattdessen einen Hinweis; was davon, erfahren Sie nicht. Ein Link kann dreimal noch einmal gesandt werden.
voter-resend-first-text = Eine Mail mit einem Link geht an { $email }.
voter-resend-button = Link senden
voter-is-resent =
    { $left ->
        [0] Eine Mail ist unterwegs. Es war die letzte für diese Person.
        [one] Eine Mail ist unterwegs. Der Link kann noch einmal gesandt werden.
       *[other] Eine Mail ist unterwegs. Der Link kann noch { $left } Mal gesandt werden.
    }
voter-remove = Aus dem Verzeichnis nehmen
voter-remove-title = Diese Person aus dem Verzeichnis nehmen?
voter-remove-quiet = { $voter } kann dann nicht wählen. Ein gesandter Link gilt nicht mehr, und niemand bekommt eine Mail darüber.
voter-remove-open = { $voter } kann dann nicht wählen. Die Abstimmung läuft: Alle Wähler können lesen, dass jemand aus dem Verzeichnis genommen wurde. Das geht nur bei jemandem ohne gesandten Link und ohne Matrikelnummer.
voter-remove-button = Aus dem Verzeichnis nehmen
voter-back = Zu allen Wählern
import-title = Wähler einlesen
import-lead = Erst sehen Sie, was in der Datei steht. Niemand steht im Wählerverzeichnis, bevor Sie es bestätigen.
import-replaces = Eine andere Datei wartet noch. Eine neue tritt an ihre Stelle.
import-file = Aus einer Datei
import-file-label = CSV- oder XLSX-Datei
import-file-drop = Wählen Sie eine Datei, oder legen Sie sie hier ab.
import-file-hint = Die erste Zeile nennt die Spalten: email und, wenn Sie wollen, first_name (Vorname), last_name (Nachname), student_id (Matrikelnummer) und cohort (Jahrgang oder Klasse). Höchstens 20 MB und 200.000 Zeilen.
import-file-button = Datei ansehen
import-file-needed = Wählen Sie eine Datei
import-file-too-large = Die Datei ist größer als 20 MB. Teilen Sie sie und lesen Sie die Teile nacheinander ein
import-file-unreadable = Die Datei kam nicht ganz an. Wählen Sie sie noch einmal
import-file-busy = Gerade werden zu viele Dateien gelesen. Wählen Sie die Datei in ein paar Sekunden noch einmal
import-template = Vorlage herunterladen
import-paste = Aus eingefügten Zeilen
import-paste-label = Eine Person in jeder Zeile
import-paste-hint = Die Adresse allein. Oder Adresse, Vorname, Nachname, Matrikelnummer, Jahrgang, mit Kommas dazwischen oder so, wie Sie es aus einer Tabelle kopieren.
import-paste-button = Zeilen ansehen
import-paste-needed = Fügen Sie mindestens eine Zeile ein
import-by-hand = Eine Person von Hand hinzufügen
preview-eyebrow = Noch ist nichts eingelesen
preview-title = Sehen Sie die Datei erst an
preview-sheet = Gelesen wurde das Blatt „{ $sheet }“.
preview-other-sheets = Nicht gelesen: { $sheets }.
preview-ignored = Diese Spalten bedeuten hier nichts und werden übergangen: { $columns }.
preview-until = Die Datei wartet bis { $time } auf Ihre Bestätigung. Danach wird sie gelöscht, und nichts davon wird eingelesen.
preview-kinds = Zeilen der Datei
preview-count = { $lines }
preview-new = bereit zum Einlesen
preview-rejected = mit einem Fehler
preview-duplicate = schon im Verzeichnis oder doppelt in der Datei
preview-list-new = Zeilen, die bereit sind
preview-list-rejected = Zeilen mit einem Fehler
preview-list-duplicate = Zeilen, die weggelassen werden
preview-line = Zeile
preview-wrong = Was nicht stimmt
preview-why = Warum sie weggelassen wird
preview-cell-empty = leer
preview-more = Weitere Zeilen
preview-none = Es gibt keine solche Zeile.
preview-download = Zeilen mit einem Fehler herunterladen
preview-download-hint = mit den Gründen, um sie zu berichtigen und später einzulesen
preview-another = Eine andere Datei wählen
preview-confirm =
    { $voters ->
        [one] 1 Wähler einlesen
       *[other] { $voters } Wähler einlesen
    }
preview-left-out =
    { $lines ->
        [0] Keine Zeile wird weggelassen.
        [one] 1 Zeile wird weggelassen.
       *[other] { $lines } Zeilen werden weggelassen.
    }
preview-nothing-new = Keine Zeile ist ein neuer Wähler, also gibt es nichts einzulesen.
preview-discard = Datei verwerfen
preview-over-title = Diese Datei wartet nicht mehr
preview-over = Die Stunde ist um, oder die Datei wurde bestätigt, verworfen oder durch eine andere ersetzt. Es wird nichts mehr davon eingelesen. Sehen Sie im Wählerverzeichnis nach, oder wählen Sie die Datei noch einmal.
preview-over-again = Wähler einlesen
send-title =
    { $voters ->
        [one] 1 Link senden?
       *[other] { $voters } Links senden?
    }
send-title-none = Niemand ist ohne Link
send-none = Alle im Wählerverzeichnis haben einen Link bekommen. Wen Sie später hinzufügen, bekommt einen, wenn Sie wieder senden.
send-roll-empty = Im Wählerverzeichnis steht noch niemand. Lesen Sie zuerst die Wähler ein.
send-text = Alle im Wählerverzeichnis, die noch keinen Link bekommen haben, bekommen eine Mail mit einem eigenen Link. Eine Mail lässt sich nicht zurückholen.
send-before-opening = Die Links gelten, sobald die Abstimmung läuft. Bis dahin sagen sie, wann sie beginnt.
send-not-activated = Die Wahl ist noch ein Entwurf: Sie können auch dann noch alles ändern, wenn die Links gesandt sind.
send-roll = Im Wählerverzeichnis
send-earlier = Haben einen Link bekommen
send-now = Bekommen jetzt einen Link
send-button =
    { $voters ->
        [one] 1 Link senden
       *[other] { $voters } Links senden
    }
send-closed = Die Abstimmung ist beendet: Es werden keine Links mehr gesandt.
remind-title = Alle erinnern, die noch nicht gewählt haben?
remind-text = Wer einen Link bekommen und noch nicht gewählt hat, bekommt eine Mail mit einem neuen Link, und der alte gilt nicht mehr. Wie viele das sind, wird nicht gesagt: Es würde verraten, wer gewählt hat. Wer keine Erinnerungen mehr will, bekommt keine.
remind-button = Erinnerungen senden
remind-later = Erinnerungen lassen sich senden, solange die Abstimmung läuft.
sent-title = Was gesandt wurde
sent-when = Wann
sent-what = Was
sent-links =
    { $voters ->
        [one] ein Link an 1 Wähler
       *[other] Links an { $voters } Wähler
    }
sent-reminders = Erinnerungen an alle, die noch nicht gewählt hatten
sent-nothing = Es wurde noch nichts gesandt.

## Seiten: prüfen und öffnen

check-lead = U-Vote hat alles geprüft. Beheben Sie zuerst, was das Öffnen verhindert, und sehen Sie dann die Hinweise an.
check-lead-open = Wir sind alles noch einmal durchgegangen.
check-stopped = Die Wahl kann noch nicht öffnen.
check-stopped-by =
    { $count ->
        [one] 1 Sache ist zuerst zu beheben.
       *[other] { $count } Dinge sind zuerst zu beheben.
    }
check-nothing = Wir haben nichts gefunden, was zu beheben wäre.
check-findings = Was uns aufgefallen ist
check-stops = Hält das Öffnen auf:
check-warns = Hinweis:
check-to-details = Zeiten ändern
check-to-questions = Zu den Fragen
check-to-candidates = Zu den Kandidierenden
check-to-voters = Zu den Wählern
check-to-refused = Diese Wähler zeigen
check-to-send = Links senden
check-to-account = Zum Konto
check-as-voter = So sehen es Wähler
check-ballot = Probestimmzettel öffnen
check-ballot-hint = Er sieht aus wie bei den Wählern und zählt nirgends.
check-mail = Die Mail mit dem Link
check-mail-hint = So liest sie sich. Jede Person bekommt ihren eigenen Namen und Link.
check-mail-subject = Betreff
check-mail-text = Text
check-mail-unknown = Die Mail lässt sich gerade nicht zeigen.
check-test = Sich selbst eine Testmail senden
check-test-text = Die Mail geht an { $email }, so wie Wähler sie bekommen, und sagt, dass sie ein Test ist. Ihr Link führt zum Probestimmzettel.
check-test-button = Testmail senden
check-test-sent = Die Testmail ist zu Ihnen unterwegs.
check-not-yet = Möglich, sobald nichts mehr das Öffnen aufhält.
test-ballot-title = Probestimmzettel
test-ballot-note = Das ist ein Probestimmzettel. Er zählt nirgends.
test-ballot-more = Sie sehen, was Wähler sehen. Was Sie hier ankreuzen, wird nicht aufgezeichnet.
test-ballot-empty = Es gibt noch keine Frage, über die abgestimmt wird, oder niemand kandidiert darin.
test-ballot-done = Es wurde nichts aufgezeichnet
test-ballot-marks = Diesen Stimmzettel hätte ein Wähler abgegeben:
test-ballot-blank = leer
test-ballot-again = Noch einmal ankreuzen
test-ballot-back = Zurück zum Prüfen
opening-fixed-questions = Die Fragen, ihre Regeln und die Kandidierenden, mit allem, was Wähler über sie lesen
opening-fixed-times = Titel, Beschreibung, Zeitzone, Sprache und Beginn. Das Ende lässt sich nur auf später verschieben, und alle Wähler können lesen, warum
opening-fixed-roll = Vom Beginn an auch das Wählerverzeichnis: Bis dahin lässt es sich noch ändern. Danach kommen Wähler nur mit einer Begründung hinzu, die alle lesen können
opening-fixed-ballots = Jeder abgegebene Stimmzettel. Niemand kann ihn ändern oder zurücknehmen, auch Sie nicht

check-go-on = Weiter zum Öffnen
opening-title = Die Wahl öffnen?
opening-title-done = Die Wahl ist freigegeben
opening-opens = Beginn
opening-closes = Ende
opening-fixed = Was feststeht, sobald Sie die Schaltfläche drücken
opening-never-undone = Das lässt sich nicht rückgängig machen: Sobald Sie die Schaltfläche drücken, kann niemand mehr ändern, wovon ein Stimmzettel abhängt, auch wenn die Abstimmung erst später beginnt.
opening-button = Jetzt öffnen
opening-button-planned = Zur geplanten Zeit öffnen

## Seiten: verfolgen und schließen

page-refresh = Neu laden
watch-title = Die Abstimmung läuft
watch-title-early = Die Abstimmung hat noch nicht begonnen
watch-title-over = Die Abstimmung ist beendet
watch-left = Noch
watch-by-hand = offen, bis Sie die Wahl schließen
watch-ends-now = sie endet gerade
watch-rounded = Solange die Wahl offen ist, wird diese Zahl einmal in der Minute gezählt und auf Fünfer abgerundet. So kann niemand daran erkennen, ob jemand gewählt hat, auch Sie nicht.
watch-is-live = Die Zahl und die Zeit bleiben von selbst aktuell.
watch-too-many = Gerade werden zu viele Seiten aktuell gehalten. Diese fragt stattdessen ab und zu nach
watch-is-over = Die Wahl ist zu Ende. Zur Auszählung
watch-opens = Öffnet
watch-problems = Was Sie tun sollten
watch-mails = Mails mit Links
watch-mails-refused =
    { $mails ->
        [one] 1 Mail kam zurück: Dieser Wähler hat keinen Link
       *[other] { $mails } Mails kamen zurück: Diese Wähler haben keinen Link
    }
watch-mails-refused-advice = Berichtigen Sie die Adresse, dann geht ein neuer Link dorthin.
watch-mails-refused-link = Welche das sind
watch-mails-deferred =
    { $mails ->
        [one] 1 Mail wurde noch nicht angenommen und wird wieder versucht
       *[other] { $mails } Mails wurden noch nicht angenommen und werden wieder versucht
    }
watch-mails-queued =
    { $mails ->
        [one] 1 Mail wartet auf den Versand
       *[other] { $mails } Mails warten auf den Versand
    }
watch-mails-none =
    { $voters ->
        [one] 1 Wähler hat von Ihnen noch keinen Link bekommen
       *[other] { $voters } Wähler haben von Ihnen noch keinen Link bekommen
    }
watch-mails-sent =
    { $mails ->
        [one] 1 Mail mit einem Link wurde versandt
       *[other] { $mails } Mails mit Links wurden versandt
    }
watch-mails-unknown = Was aus den Mails wurde, kann gerade nicht gezeigt werden
watch-remind = Wähler erinnern
watch-remind-lead = Wer einen Link bekommen und noch nicht gewählt hat, bekommt eine Mail mit einem neuen Link. Der alte gilt dann nicht mehr. Wer keine Erinnerungen mehr will, bekommt keine. Sie erfahren nicht, wie viele erinnert werden: Daran ließe sich erkennen, wer gewählt hat.
watch-changes = Änderungen seit dem Öffnen
watch-changes-lead = Alle Wähler lesen sie, mit ihren Gründen.
watch-no-changes = Nichts wurde geändert.
watch-move-end = Das Ende der Wahl verschieben
watch-withdraw = Bekannt geben, dass jemand nicht mehr kandidiert
watch-add-voter = Vergessene Wähler hinzufügen
watch-close = Die Wahl jetzt schließen
amendment-line = { $what } ({ $time }): { $reason }
amendment-voters-added =
    { $voters ->
        [one] 1 Wähler hinzugefügt
       *[other] { $voters } Wähler hinzugefügt
    }
amendment-voters-removed =
    { $voters ->
        [one] 1 Wähler entfernt
       *[other] { $voters } Wähler entfernt
    }
amendment-end-moved = Die Wahl endet am { $time }
amendment-resumed = Die Wahl war angehalten, weil abgegebene Stimmzettel in der Urne fehlten, und ging dann weiter
candidate-withdrew = { $candidate } kandidiert nicht mehr und kann nicht gewählt werden
candidate-of-contest-withdrew = { $candidate } („{ $contest }“) kandidiert nicht mehr und kann nicht gewählt werden
end-title = Das Ende der Abstimmung auf später verschieben?
end-now = Bisheriges Ende
end-new = Neues Ende
end-new-hint = Tag und Uhrzeit in { $zone }, später als das jetzige Ende.
end-reason = Grund
end-reason-hint = Alle Wähler lesen ihn, und er steht in der Niederschrift.
end-what = Links, die noch nicht benutzt sind, gelten bis zum neuen Ende. Wähler lesen das neue Ende bei ihrem Stimmzettel. Sie können das Ende noch einmal auf später verschieben, aber nie auf früher.
end-button = Ende verschieben
end-needed = Geben Sie eine Zeit nach { $time } ein
end-reason-needed = Geben Sie einen Grund ein
end-none = Es ist kein Ende gesetzt: Die Wahl bleibt offen, bis Sie sie schließen.
end-moved = Das Ende der Wahl ist verschoben.
withdraw-title = Kandidiert jemand nicht mehr?
withdraw-who = Wer
withdraw-who-hint = Auch für jemanden, der gestorben ist oder nicht mehr kandidieren darf.
withdraw-what = Der Stimmzettel steht fest, darum bleibt der Name darauf, mit einem Hinweis. Die Auszählung übergeht diese Person, auch auf Stimmzetteln, die schon abgegeben sind. Das lässt sich nicht rückgängig machen.
withdraw-button = Bekannt geben
withdraw-needed = Wählen Sie, wer nicht mehr kandidiert
withdraw-nobody = Hier kandidiert niemand, der zurückziehen könnte.
withdraw-choose = Auswählen
withdraw-done = Es ist bekannt gegeben.
candidate-in-question = { $candidate } ({ $question })
closing-title = Die Wahl jetzt schließen?
closing-title-early = Die Abstimmung hat noch nicht begonnen
closing-title-done = Die Abstimmung ist beendet
closing-title-counted = Die Abstimmung ist beendet und ausgezählt
closing-opened-of = { $done } von { $total } geöffnet
closing-never-undone = Danach kann niemand mehr wählen, und es lässt sich nicht rückgängig machen. Dann werden die Stimmzettel ausgezählt.
closing-early = Geplant ist das Ende für { $time }. Wenn Sie jetzt schließen, endet die Wahl davor.
closing-button = Wahl schließen
closing-again = Noch einmal versuchen
closing-steps = Schließen
closing-step-ends = Die Wahl endet
closing-step-ends-line = Begonnene Stimmzettel dürfen noch bis { $time } eintreffen
closing-step-seal = Die Urne wird versiegelt
closing-step-seal-line =
    { $ballots ->
        [one] 1 Stimmzettel
       *[other] { $ballots } Stimmzettel
    }
closing-step-roll = Das Wählerverzeichnis wird neu geschrieben
closing-step-roll-line = Nichts darin sagt, wann jemand gewählt hat
closing-step-ballots = Die Stimmzettel werden geöffnet
closing-step-result = Das Ergebnis
closing-step-result-published = veröffentlicht
closing-step-result-together = erscheint von selbst
closing-step-result-manual = erscheint, wenn Sie es veröffentlichen
closing-step-stopped = steht still
closing-goes-on = Es geht von selbst weiter, auch wenn Sie diese Seite schließen.
closing-reason = Grund: { $reason }.
closing-next = { $next }.
closing-to-result = Weiter zum Ergebnis
closing-commitment = Prüfsumme der versiegelten Urne
count-stopped-next = Kein Stimmzettel ist verloren, und niemand hat ein Ergebnis gesehen. Zeigen Sie den Grund denen, die diese Installation betreiben. Wenn die Ursache behoben ist, versuchen Sie es noch einmal: Die Auszählung geht dort weiter, wo sie stehen blieb
count-chain-broken = die Kette der abgegebenen Stimmzettel ist an der Stelle { $position } unterbrochen
count-step-unexpected = { $step } meldet { $outcome }
count-database-refuses = die Datenbank lehnt ab: { $cause }
count-commitment-unsigned = die Festlegung auf die Urne ist nicht unterschrieben
count-seal-key-missing = der Schlüssel der Stimmzettel ist nicht da
count-seal-key-foreign = der Schlüssel der Stimmzettel gehört nicht zu dieser Wahl
count-seal-key-unusable = der Schlüssel der Stimmzettel: { $cause }
count-manifest-unusable = das Manifest: { $cause }
count-numbers-differ = auf { $committed } Stimmzettel wurde festgelegt, { $in_box } sind in der Urne, { $opened } sind geöffnet
count-fault = { $cause }
count-stopped-warning = Die Auszählung steht still: { $reason }. { $next }
voting-halted = Die Wahl ist angehalten, weil abgegebene Stimmzettel in der Urne fehlen. Es werden keine Stimmzettel angenommen; Links, die nicht benutzt sind, bleiben gültig. Sagen Sie es denen, die diese Installation betreiben: Sie finden heraus, was geschehen ist, und setzen die Wahl fort
recording-was-halted = Die Wahl war angehalten, weil abgegebene Stimmzettel fehlten, und wurde nicht fortgesetzt. Ausgezählt wird, was am Ende in der Urne war; das Ergebnis sagt es
result-kept-back = Die Stimmzettel sind ausgezählt, und das Ergebnis wird zurückgehalten. Veröffentlichen Sie es, wenn es Zeit ist

## Seiten: das Ergebnis, für alle und für die Veranstalter

no-such-election = Eine Wahl mit dieser Nummer gibt es nicht
result-of = Ergebnis: { $title }
result-turnout =
    { $ballots ->
        [one] 1 Stimmzettel ist in der Urne. { $voted } von { $roll } Wählern haben ihr Recht benutzt: eine Beteiligung von { $share } %.
       *[other] { $ballots } Stimmzettel sind in der Urne. { $voted } von { $roll } Wählern haben ihr Recht benutzt: eine Beteiligung von { $share } %.
    }
result-changed = Geändert, während die Wahl lief
result-option = Möglichkeit
result-candidate = Name
result-share = Anteil
result-bar = Balken
result-outcome = Ergebnis
result-rounds = Runde für Runde. Ein leeres Feld heißt: keine Stimmen
result-count = Die Auszählung
result-order = Die Reihenfolge aller, die Besten zuerst:
result-events = Was bei der Auszählung geschah
result-ballots = { $sentence } Stimmzettel: { $valid } gültig, { $blank } leer, { $invalid }.
result-none-invalid = keiner ungültig
result-some-invalid = ungültig: { $kinds }
result-hundred = 100 % ist das Höchste, was eine Möglichkeit von allen gültigen Stimmzetteln bekommen könnte.
result-check = Passt das Ergebnis zu den versiegelten Stimmzetteln?
result-check-overdue = Ja, bei der letzten Prüfung am { $checked }; die nächste Prüfung ist überfällig.
result-check-overdue-means = Damals waren die gespeicherten Stimmzettel in Ordnung. Niemand weiß, ob seitdem etwas geändert wurde. Wer diese Installation betreibt, kann herausfinden, warum nicht geprüft wird.
result-check-good = Ja, soweit es die gespeicherten Stimmzettel zeigen können. Geprüft am { $checked }: Die Kette der { $ballots } Stimmzettel ist lückenlos. Die Stimmzettel und die Liste der benutzten Wahlrechte sind dieselben wie beim Versiegeln der Urne. Jeder Stimmzettel wurde geöffnet und richtig gezählt.
result-check-bad = Nein: Was jetzt gespeichert ist, ist nicht das, was versiegelt wurde.
result-check-bad-means = Verlassen Sie sich nicht auf dieses Ergebnis, bevor das erklärt ist. Gefunden am { $checked }.
result-check-bad-before = Die Zählung auf dieser Seite ist vom { $counted }; bei der Prüfung am { $checked } war alles in Ordnung.
result-box = Prüfsumme der versiegelten Urne
result-box-ballots =
    { $ballots ->
        [one] 1 Stimmzettel
       *[other] { $ballots } Stimmzettel
    }
result-spent = Liste der benutzten Rechte
result-spent-rights = { $used } benutzte Wahlrechte von { $roll } Wählern
result-recording = Annahme der Stimmzettel
result-recording-halts =
    { $halts ->
        [one] einmal angehalten, weil abgegebene Stimmzettel fehlten; { $resumptions }-mal fortgesetzt
       *[other] { $halts }-mal angehalten, weil abgegebene Stimmzettel fehlten; { $resumptions }-mal fortgesetzt
    }
result-log = Das Prüfprotokoll dieser Installation
result-log-unsigned = Das Protokoll dieser Installation wird gerade nicht unterschrieben: Es ist nicht das, was der Protokolldienst geschrieben hat, oder er kann es nicht sagen. Das Ergebnis oben ist ohne es geprüft. Fragen Sie die, die diese Installation betreiben, was geschehen ist.
result-log-first-bad = Eintrag { $entry } ist der erste, der nicht so ist, wie er geschrieben wurde.
result-log-older = Die Zeilen unten sind vom neuesten Eintrag, der unterschrieben wurde; für spätere bürgt niemand.
result-log-reached = Jede Änderung in dieser Installation ist ein Eintrag ihres Protokolls. Als diese Seite entstand, war es bei Eintrag { $entry }. Heben Sie diese Zeilen auf: Mit ihnen kann später jeder fragen, ob dieser Eintrag und alle davor noch so im Protokoll stehen.
result-log-verified = Der Protokolldienst hat das ganze Protokoll zuletzt am { $verified } durchgesehen, und jeder Eintrag war so, wie er geschrieben wurde.
result-log-ask = Prüfen, ob das Protokoll diesen Eintrag noch enthält
result-log-hash = Prüfsumme des Eintrags und aller davor
result-log-signed = Unterschrieben { $signed }
result-data = Dasselbe als Daten, mit jedem Schritt der Auszählung
result-csv = Tabelle des Ergebnisses (CSV)
result-rounds-csv = Tabelle der Runden (CSV)
result-column-question = Frage
result-column-round = Runde
result-column-percent = Prozent

## Seiten: der Schritt des Ergebnisses

result-page = Zur öffentlichen Seite des Ergebnisses
result-publish = Ergebnis veröffentlichen
result-publish-title = Das Ergebnis veröffentlichen?
result-publish-lead = Das Ergebnis wird für alle öffentlich. Das lässt sich nicht rückgängig machen.
result-publish-unseen = Niemand sieht eine Zählung, bevor sie veröffentlicht ist, auch Sie nicht.
result-not-yet = Ein Ergebnis gibt es erst, wenn die Wahl geschlossen ist und ihre Stimmzettel ausgezählt sind.
result-being-made = Das Ergebnis ist veröffentlicht und wird geprüft. Sehen Sie in ein paar Sekunden wieder nach.
result-public-since = Öffentlich seit { $time }
result-minutes = Niederschrift zum Drucken
result-tell = Den Wählern Bescheid sagen
result-tell-lead = Alle im Wählerverzeichnis bekommen eine Mail mit einem Link zum Ergebnis. Wenn Sie noch einmal drücken, bekommt niemand eine zweite.
result-tell-button = Mails senden
result-told = Die Mails sind unterwegs.
result-print = Drucken
archive-title = Diese Wahl archivieren?
archive-link = Archivieren
archive-lead = Eine archivierte Wahl bleibt lesbar, mit ihrem Ergebnis. Nichts an ihr lässt sich mehr ändern.
archive-button = Wahl archivieren
archive-early = Eine Wahl kann erst archiviert werden, wenn ihr Ergebnis veröffentlicht ist: Das Ergebnis einer archivierten Wahl lässt sich nicht mehr veröffentlichen.
archive-is-done = Diese Wahl ist archiviert.
forget-title = Wann Daten gelöscht werden
forget-at-close = Beim Schließen
forget-at-close-what = gelöscht: wann Links gesandt wurden, wem ein Link noch einmal gesandt wurde, was aus den Mails wurde und von welchem Wähler ein Eintrag des Verlaufs handelt
forget-later = Später
forget-after-days =
    { $days ->
        [one] 1 Tag nach dem Archivieren
       *[other] { $days } Tage nach dem Archivieren
    }
forget-what = gelöscht: Mailadressen, Namen, Matrikelnummern und Jahrgänge oder Klassen aller Wähler
forget-done = gelöscht am { $time }: Mailadressen, Namen, Matrikelnummern und Jahrgänge oder Klassen aller Wähler
forget-planned = { $time }
forget-never = Nie
forget-never-what = dauerhaft gespeichert: Fragen, Kandidierende, die versiegelten Stimmzettel, das Ergebnis und der Verlauf. Nirgends darin steht ein Wähler
forget-unknown = Wann persönliche Daten vergessen werden, kann gerade nicht gezeigt werden.

## Seiten: Niederschrift

minutes-title = Niederschrift: { $title }
minutes-back = Zurück zum Ergebnis
minutes-not-yet = Die Niederschrift lässt sich drucken, wenn das Ergebnis veröffentlicht ist.
minutes-election = Die Wahl
minutes-name = Name
minutes-number = Nummer
minutes-description = Beschreibung
minutes-organiser = Veranstaltet von
minutes-organiser-unknown = kann gerade nicht gezeigt werden
minutes-zone = Zeitzone dieser Seite
minutes-printed = Gedruckt
minutes-times = Zeiten
minutes-created = Angelegt
minutes-activated = Beginn der Abstimmung
minutes-planned-end = Geplantes Ende
minutes-closed = Ende der Wahl
minutes-sealed = Urne versiegelt
minutes-counted = Stimmzettel ausgezählt
minutes-published = Ergebnis veröffentlicht
minutes-archived = Archiviert
minutes-questions = Fragen und Regeln
minutes-passes = Nötig zur Annahme
vote-motion-share-of-votes = Der Antrag ist angenommen, wenn { $share } der Ja- und Nein-Stimmen auf Ja entfallen.
vote-motion-share-of-ballots = Der Antrag ist angenommen, wenn auf { $share } aller Stimmzettel Ja steht.
vote-motion-share-of-roll = Der Antrag ist angenommen, wenn { $share } aller Wahlberechtigten mit Ja stimmen.
plain-number = { $number }
minutes-method = Auszählung
minutes-seats = Sitze
minutes-quorum = Quorum
minutes-majority = Nötige Mehrheit
minutes-ties = Gleichstand
minutes-order = Reihenfolge auf dem Stimmzettel
minutes-roll = Wählerverzeichnis und Beteiligung
minutes-roll-voters = Wähler im Verzeichnis
minutes-roll-used = Benutzte Wahlrechte
minutes-roll-ballots = Stimmzettel in der Urne
minutes-roll-turnout = Beteiligung
minutes-percent = { $share } %
minutes-changes = Änderungen seit dem Öffnen
minutes-result = Ergebnis
minutes-commitment = Prüfsummen
minutes-commitment-lead = Mit diesen Zeilen kann später jeder prüfen, dass Regeln und Stimmzettel dieselben sind wie am Tag dieser Wahl.
minutes-manifest = Fragen, Regeln und Kandidierende (Prüfsumme)
minutes-box = Versiegelte Urne (Prüfsumme)
minutes-box-signature = Signatur über die versiegelte Urne
minutes-spent = Benutzte Wahlrechte (Prüfsumme der Liste)
minutes-check = Prüfung der gespeicherten Stimmzettel
minutes-check-good = in Ordnung am { $time }
minutes-check-overdue = in Ordnung am { $time }; die nächste Prüfung ist überfällig
minutes-check-bad = nicht in Ordnung am { $time }; siehe die Seite des Ergebnisses
minutes-log = Prüfprotokoll dieser Installation
minutes-log-entry = Eintrag { $entry }, signiert am { $time }
minutes-signatures = Unterschriften
minutes-signatures-lead = Die Unterzeichnenden haben diese Niederschrift mit dem veröffentlichten Ergebnis verglichen.
minutes-place = Ort und Tag
minutes-signer = Name und Amt
minutes-signature = Unterschrift

## Seiten: Verlauf

history-title = Verlauf
history-lead = Was mit dieser Wahl getan wurde, das Neueste zuerst. Niemand kann einen Eintrag unbemerkt ändern oder entfernen.
history-kind = Zeigen
history-button = Zeigen
history-everything = Alles
history-preparation = Vorbereitung
history-voters = Wähler
history-mails = Mails
history-voting = Wahl und Änderungen
history-count = Auszählung und Ergebnis
history-looks = Wer Daten angesehen hat
history-when = Wann
history-who = Wer
history-what = Was
history-system = U-Vote selbst
history-organiser = Konto Nummer { $number }
history-voter = Wähler: { $name }
history-voter-forgotten = Welcher Wähler es war, ist nicht mehr bekannt
history-from = von { $address }
history-none = Keine Einträge
history-none-text = Davon wurde noch nichts getan.
history-older = Ältere Einträge
history-newest = Zu den neuesten Einträgen
history-download = Herunterladen
history-download-lead = In den Dateien stehen Veranstalter und keine Wähler: Eine Datei hätte die Namen noch, wenn sie hier vergessen sind.
history-csv = Verlauf (CSV)
history-json = Verlauf mit seinen Prüfsummen (JSON)
history-number = Nummer
history-kind-column = Art
event-unknown = Es wurde etwas getan, wofür diese Seite keine Worte hat: { $kind }.
event-admin-registered = Jemand hat sich registriert.
event-admin-logged-in = Angemeldet.
event-admin-logged-out = Abgemeldet.
event-account-locked = Ein Konto wurde nach falschen Passwörtern gesperrt.
event-account-unlocked = Ein Konto wurde entsperrt.
event-address-verified = Die Mailadresse wurde bestätigt.
event-password-changed = Das Passwort wurde geändert.
event-password-reset = Ein vergessenes Passwort wurde ersetzt.
event-admin-invited = Jemand wurde eingeladen.
event-invitation-revoked = Eine Einladung wurde zurückgezogen.
event-superadmin-made = Jemand wurde zum Superadmin gemacht.
event-election-created = Die Wahl wurde mit dem Titel „{ $title }“ angelegt.
event-election-copied = Die Wahl „{ $title }“ wurde als Kopie der Wahl { $copied_from } angelegt; übernommene Kandidierende: { $candidates }.
event-election-updated = Geändert: { $members }.
event-election-deleted = Die Wahl „{ $title }“ wurde gelöscht.
event-election-activated =
    { $contests ->
        [one] Die Wahl wurde geöffnet. Seitdem sind 1 Frage und { $candidates } Kandidierende festgelegt.
       *[other] Die Wahl wurde geöffnet. Seitdem sind { $contests } Fragen und { $candidates } Kandidierende festgelegt.
    }
event-election-scheduled =
    { $contests ->
        [one] 1 Frage und { $candidates } Kandidierende wurden festgelegt. Die Wahl öffnet von selbst: { $time }.
       *[other] { $contests } Fragen und { $candidates } Kandidierende wurden festgelegt. Die Wahl öffnet von selbst: { $time }.
    }
event-election-opened = Die Wahl wurde geöffnet.
event-election-opened-unsent =
    { $voters ->
        [one] Die Wahl wurde geöffnet. 1 Wähler hatte noch keinen Link bekommen.
       *[other] Die Wahl wurde geöffnet. { $voters } Wähler hatten noch keinen Link bekommen.
    }
event-opening-postponed-roll = Die Wahl öffnete nicht zu ihrer Zeit, weil das Wählerverzeichnis leer war.
event-opening-postponed-end = Die Wahl öffnete nicht, weil ihr Ende vorbei war.
event-closing-time-moved = Das Ende der Wahl wurde verschoben, von { $from } auf { $to }. Grund: { $reason }
event-election-closed =
    { $ballots ->
        [one] Die Wahl endete mit 1 Stimmzettel.
       *[other] Die Wahl endete mit { $ballots } Stimmzetteln.
    }
event-recording-halted = Die Wahl wurde angehalten, weil abgegebene Stimmzettel in der Urne fehlten.
event-recording-resumed = Die Wahl wurde fortgesetzt. Grund: { $reason }
event-box-sealed =
    { $ballots ->
        [one] Die Urne wurde versiegelt, mit 1 Stimmzettel von { $roll } Wählern.
       *[other] Die Urne wurde versiegelt, mit { $ballots } Stimmzetteln von { $roll } Wählern.
    }
event-participation-rewritten = Das Wählerverzeichnis wurde neu geschrieben, sodass nichts darin sagt, wann jemand gewählt hat. Benutzte Rechte: { $used }.
event-ballots-opened = Die Stimmzettel wurden geöffnet: { $ballots }. Nicht zu öffnen: { $invalid }.
event-results-published = Das Ergebnis wurde veröffentlicht.
event-tally-failed = Die Auszählung blieb stehen. Grund: { $reason }
event-tally-retried = Die Auszählung wurde noch einmal versucht.
event-election-archived = Die Wahl wurde archiviert.
event-candidate-withdrawn = Bekannt gegeben: { $name } kandidiert nicht mehr. Grund: { $reason }
event-candidate-added = Neu eingetragene Kandidatur: { $name }.
event-candidate-updated = Geänderte Kandidatur: { $name }.
event-candidate-removed = Entfernte Kandidatur: { $name }.
event-candidates-drawn = Die Reihenfolge von { $candidates } Kandidierenden wurde ausgelost, aus der Zahl { $seed }.
event-voter-added = Ein Wähler wurde hinzugefügt.
event-voters-added-late =
    { $voters ->
        [one] 1 Wähler wurde nachträglich hinzugefügt. Grund: { $reason }
       *[other] { $voters } Wähler wurden nachträglich hinzugefügt. Grund: { $reason }
    }
event-voter-corrected = Die Angaben zu einem Wähler wurden berichtigt.
event-voter-corrected-address = Die Adresse eines Wählers wurde berichtigt, und ein neuer Link ging dorthin.
event-voters-imported = Wähler wurden importiert: { $imported }. Schon im Verzeichnis: { $duplicates }. Unbrauchbare Zeilen: { $rejected }.
event-voter-removed = Ein Wähler wurde entfernt.
event-voting-links-sent = Links gingen an Wähler: { $queued }. Hatten schon einen: { $before }.
event-voting-link-resent = Ein Wähler bekam einen neuen Link.
event-reminders-sent = Wähler, die noch nicht gewählt hatten, wurden erinnert. Wie viele, wird nicht festgehalten.
event-used-notices-sent = Wähler, deren Wahlrecht benutzt wurde, bekamen eine Mail darüber: { $queued }.
event-results-links-sent = Wähler bekamen eine Mail über das Ergebnis: { $queued }.
event-test-mail-sent = Eine Testmail ging an den Veranstalter.
event-voters-viewed = Das Wählerverzeichnis wurde angesehen.
event-election-anonymised = Persönliche Daten von Wählern wurden gelöscht. Wähler: { $voters }.
event-results-viewed = Das Ergebnis wurde angesehen.
event-audit-log-accepted = Das Protokoll wurde von denen, die diese Installation betreiben, so angenommen, wie es ist. Grund: { $reason }
event-audit-viewed = Dieser Verlauf wurde angesehen.
member-title = Titel
member-description = Beschreibung
member-opens-at = Öffnung
member-closes-at = Ende
member-locale = Sprache
member-timezone = Zeitzone
member-profile = Art der Stimmzettel
member-publish = wann das Ergebnis erscheint
member-contests = Fragen

## Wie ausgezählt wurde

story-votes-on-motion = Stimmen zum Antrag
story-first-preferences =
    { $seats ->
        [one] Erste Wahl für 1 Sitz
       *[other] Erste Wahl für { $seats } Sitze
    }
story-sums-of-scores =
    { $seats ->
        [one] Summen der Punkte für 1 Sitz
       *[other] Summen der Punkte für { $seats } Sitze
    }
story-votes =
    { $seats ->
        [one] Stimmen für 1 Sitz
       *[other] Stimmen für { $seats } Sitze
    }
outcome-withdrew = kandidiert nicht mehr
outcome-elected = gewählt
outcome-elected-by-lot = durch das Los gewählt
outcome-tied = Gleichstand
outcome-not-drawn = im Los unterlegen
outcome-not-elected = nicht gewählt
story-quorum-met = Das Quorum ist erreicht: { $ballots } Stimmzettel von { $roll } Wählern, { $needed } sind nötig.
story-quorum-not-met = Das Quorum ist nicht erreicht: { $ballots } Stimmzettel von { $roll } Wählern, { $needed } sind nötig.
story-motion-passed = Der Antrag ist angenommen: { $yes } Ja, { $no } Nein, { $abstain } Enthaltungen; { $needed } Ja sind nötig.
story-motion-not-passed = Der Antrag ist nicht angenommen: { $yes } Ja, { $no } Nein, { $abstain } Enthaltungen; { $needed } Ja sind nötig.
story-motion-not-quorate = Das Quorum fehlt: Nichts wird gezählt, und über den Antrag ist nicht entschieden.
story-motion-share-of-votes = Angenommen ist ein Antrag mit { $share } von Ja und Nein zusammen: { $needed } von { $of }.
story-motion-share-of-ballots = Angenommen ist ein Antrag mit einem Ja auf { $share } aller Stimmzettel: { $needed } von { $of }.
story-motion-share-of-roll = Angenommen ist ein Antrag mit einem Ja von { $share } aller, die wählen durften: { $needed } von { $of }.
story-not-quorate = Das Quorum fehlt: Nichts wird gezählt, und niemand ist gewählt.
story-majority-not-reached = Niemand hat die nötige Mehrheit, { $required } der gültigen Stimmzettel: Niemand ist gewählt.
story-no-valid-ballots = Es gibt keine gültigen Stimmzettel: Niemand ist gewählt.
story-elected = Gewählt: { $names }
story-nobody-elected = Niemand ist gewählt.
story-eliminated = Ausgeschieden: { $names }
story-surplus-moves = Überschuss übertragen von: { $names }
story-tied =
    { $seats ->
        [one] Gleichstand: { $names }. Die Auszählung entscheidet nicht zwischen ihnen; 1 Sitz bleibt offen.
       *[other] Gleichstand: { $names }. Die Auszählung entscheidet nicht zwischen ihnen; { $seats } Sitze bleiben offen.
    }
story-lot-drawn = Ein Los hat einen Gleichstand entschieden. Es wurde aus der Prüfsumme der versiegelten Urne berechnet: Niemand konnte es aussuchen, und jeder kann es nachrechnen.
story-vacant = Freie Sitze: { $vacant } von { $seats }.
story-vacant-too-few = Es gibt weniger Kandidierende als Sitze.
story-vacant-none-of-the-above = Gewählt ist nur, wer über „Keine der Genannten“ liegt.
story-vacant-no-support = Kein gezählter Stimmzettel nennt { $names }. Wen kein Stimmzettel nennt, der ist nicht gewählt.
story-without-effect =
    { $ballots ->
        [one] 1 gültiger Stimmzettel nennt nur Personen, die nicht mehr kandidieren. Er zählt für niemanden, aber in Anteilen der gültigen Stimmzettel zählt er mit.
       *[other] { $ballots } gültige Stimmzettel nennen nur Personen, die nicht mehr kandidieren. Sie zählen für niemanden, aber in Anteilen der gültigen Stimmzettel zählen sie mit.
    }
story-names = { $names }
story-pairs-table = Stimmzettel, die die Person der Zeile vor die der Spalte setzen
story-paths-table = Die stärkste Kette von der Person der Zeile zu der der Spalte. Eine Kette ist so stark wie der schwächste Vergleich darin
story-and-others = { $names } und { $more } andere
story-kept = Von jeder Stimme behalten: { $factors }
story-comparison = { $winner } vor { $loser }
story-locked = { $winner } vor { $loser } ({ $votes } gegen { $against } Stimmzettel) zählt
story-passed-over = { $winner } vor { $loser } ({ $votes } gegen { $against } Stimmzettel) wird übergangen: Es widerspricht den vorigen
story-rounds-left-out = Die Runden { $first } bis { $last } fehlen auf dieser Seite, die sonst zu lang wäre. Die Daten enthalten jede Runde.
story-eliminated-in-order = Ausgeschieden in den Runden { $first } bis { $last }, in dieser Reihenfolge: { $names }
story-comparisons-left-out = Es sind zu viele Vergleiche für diese Seite. Die Daten enthalten alle.
story-votes-column = Stimmen
story-sum = Summe
story-total = Gesamt
story-scores = Punkte
story-run-off = Stichwahl
story-round = Runde { $number }
story-exhausted = Ausgeschöpft
story-lost-by-rounding = Durch Runden verloren
story-needed = Nötig, um gewählt zu sein
story-in-round = { $round }. { $what }
story-transfer = { $votes } Stimmen gehen von { $from } an { $to }
story-transfer-to-nobody = { $votes } Stimmen von { $from } gehen an niemanden: Diese Stimmzettel nennen keine weitere Wahl
story-tie = Gleichstand um { $over } zwischen { $between }: { $by }
story-tie-decided = Gleichstand um { $over } zwischen { $between }: { $by }. Ausgewählt: { $chosen }
tie-over-seat = einen Sitz
tie-over-elimination = das Ausscheiden
tie-over-surplus = die Frage, wessen Überschuss zuerst übertragen wird,
tie-over-run-off-place = einen Platz in der Stichwahl
tie-over-pair = die Frage, welcher Vergleich zuerst zählt,
tie-broken-by-round = die Stimmen in Runde { $round } entscheiden
tie-broken-head-to-head = der direkte Vergleich entscheidet
tie-broken-by-total = die höhere Summe entscheidet
tie-broken-by-top-scores = die meisten höchsten Punktzahlen entscheiden
tie-broken-by-lot = ein Los entscheidet, das beste zuerst: { $order }
tie-broken-by-none-of-the-above = gewählt ist nur, wer über „Keine der Genannten“ liegt
tie-makes-no-difference = wie man ihn auch auflöst, dieselben sind gewählt
tie-not-broken = nicht aufgelöst
story-invalid = { $ballots } { $reason }
invalid-unreadable = nicht zu öffnen oder zu lesen
invalid-blank = leer, was hier nicht erlaubt ist
invalid-not-a-mark = mit einer Zahl, wo nur ein Kreuz erlaubt ist
invalid-too-many-marks = mit zu vielen Kreuzen
invalid-too-few-marks = mit zu wenigen Kreuzen
invalid-too-many-votes = mit zu vielen Stimmen
invalid-too-many-votes-for-one = mit zu vielen Stimmen für eine Person
invalid-score-beyond-top = mit mehr als der höchsten Punktzahl
invalid-equal-ranks = mit gleichen Rängen
invalid-gap = mit einem ausgelassenen Rang
