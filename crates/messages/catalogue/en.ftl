### What people read, in English. One entry is one sentence, or a part of one; its name is its code in the API and never changes.
### A sentence about a field is read after the field's name ("email is missing"). Sentences have no full stop at their end, because
### whoever shows one may add to it. In braces stand parameters: keep them all; their order is free. docs/adr/0024 says more.

## Parts of every answer

verbatim = { $text }
one-field-is-wrong = { $field } { $message }
fields-are-wrong = { $count } fields cannot be taken; 'errors' names them

## Times

weekday =
    { $number ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }
month =
    { $number ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
time-in-utc = { $weekday }, { $day } { $month } { $year } at { $clock } UTC
time-in-zone = { $weekday }, { $day } { $month } { $year } at { $clock } { $zone } ({ $utc })

short-time-in-utc = { $day } { $month } { $year }, { $clock } UTC
short-time-in-zone = { $day } { $month } { $year }, { $clock } { $zone } ({ $utc })

## What is wrong with a request

body-must-be-json = The body must be JSON, with Content-Type: application/json
body-too-large = The body is larger than { $bytes } bytes
body-not-json = The body is not JSON: it cannot be read at line { $line }, column { $column }
body-ends-early = The body is not JSON: it ends too early
body-not-an-object = The body is not a JSON object. Send {"{}"} or nothing
address-part-unusable = A part of the address is not of the right form; /api/docs lists the addresses
address-with-nul = has %00 in it, the character U+0000, which no address here contains
nothing-at-this-address = There is nothing at this address; /api/docs lists what there is
not-ready = { $service } is not ready: { $missing }
too-much-work = Too much work is waiting. Try again in a few seconds
election-busy = Something large is being done with this election at the moment. Nothing was changed; try again in a few seconds

## What is wrong with a member of the body, a parameter or a column

member-missing = is missing
member-twice = is given twice
member-unknown = is not known here; known are: { $known }
member-unknown-none = is not known here; nothing is expected
member-unusable = cannot be read in this form; /api/docs says what is expected here
value-true-or-false = must be true or false
value-whole = must be a whole number
value-whole-not-negative = must be a whole number, 0 or more
value-between = must be between { $least } and { $most }
value-number = must be a number
value-text = must be text
value-list = must be a list
value-object = must be an object with named members
value-one-of = must be one of: { $offered }
text-empty = must not be empty
text-too-long = must not be longer than { $most } characters
text-longer-than = is longer than { $most } characters
text-longer-than-bytes = is longer than { $most } bytes
text-with-nul = has a text with the character U+0000 in it, which no text may have
text-with-line-ends = must not have line ends or control characters in it
text-with-control-characters = must not have control characters in it
text-has-control-character = has a control character in it
text-has-control-character-or-line-end = has a control character or line end in it
text-has-invisible-character = has an invisible character in it; type it anew instead of copying it
text-has-unprintable-character = has a character that cannot be printed
time-without-zone = '{ $given }' is no time with its zone; write 2026-12-01T08:00:00+01:00, or 2026-12-01T07:00:00Z for the same in UTC
time-out-of-range = '{ $given }' cannot be taken: a time is in the years 1970 to 9999, and no leap second (the last second is 59)
locale-not-offered = must be one of the languages that there is a translation for: { $offered }
timezone-unknown = must be the name of a time zone in the IANA database, such as Europe/Berlin or UTC

## Mail addresses

email-too-long = is too long for a mail address (254 characters, 64 before the @)
email-not-ascii = has a character outside ASCII; write an international domain in its xn-- form
email-malformed = is not a mail address of the form name@example.org

## What the gateway refuses itself; these stand in gateway/problems.conf word for word

gateway-request-broken = The first line of the request, one of its headers or its length is broken
gateway-token-unusable = The token is missing, expired, revoked or of another installation. Log in again and send the new token in the Authorization header as 'Bearer <token>'
gateway-not-this-way = This address may not be used this way
gateway-nothing-here = Check the address. The interfaces are listed at /api/docs
gateway-method-unknown = See /api/docs for the methods it takes
gateway-too-slow = The request took too long to arrive. Send it again
gateway-too-large = Send less: 16 kB on voting paths, 20 MB for a file of voters, 5 MB for a photo or PDF, 1 MB elsewhere
gateway-address-too-long = The address is longer than 8 kB
gateway-too-many = Wait as many seconds as Retry-After says, then try again
gateway-headers-too-long = The headers of the request are longer than 8 kB. Removing the cookies of this site often helps
gateway-service-silent = Try again after a few seconds. If you were casting a ballot, send the very same request again: nothing happens twice
gateway-unavailable = Try again after a few seconds. Nothing was changed

## Who is calling

log-in-first = Log in first, and send the token as 'Authorization: Bearer <token>'
assertion-invalid = The assertion of who you are is not valid. Log in again
services-only = Only the services of this installation may call this
token-invalid = The token is not valid, or its 24 hours are over. Log in again
token-names-no-account = The token names no account. Log in again
token-logged-out = You have logged out with this token. Log in again
token-without-end = The token has no end. Log in again
token-account-gone = There is no such account any more. Log in with another
token-password-changed = The password of this account was changed, which ended all its sessions. Log in again
audience-missing = X-Uvote-Audience must name the service that will be called

## What is asked for by its number

no-such-election = There is no election with this number
no-such-voter = There is no voter with this number
no-such-upload = There is no such file
no-such-candidate = There is no candidate with this number
no-such-invitation = There is no invitation with this number
no-such-mail = There is no mail with this number
no-such-voter-import = There is no import with this number that waits. It was confirmed or discarded, a newer file took its place, or its hour is over: send the file again

## The life of an election

election-frozen = This election was activated: its settings, contests and candidates are frozen, because every ballot is bound to them
election-roll-closed = Voting has begun: the roll is closed. Add a forgotten voter with a reason; a voter who was sent a link stays on it
election-already-activated = This election was activated already
election-never-activated = This election was never activated. Activate it first
copy-again = A file of a candidate was replaced at this very moment, and nothing was copied. Try again
too-many-drafts = This account has { $most } drafts already. Delete those that you no longer need
election-not-open-yet = Voting in this election has not opened yet
election-voting-ended = Voting in this election has ended
election-has-history = An election that was activated cannot be deleted, because it can have votes. Close it and archive it instead
election-links-sent = Voters were sent links to this election, so it cannot be deleted. If its closing time has passed, move the end of voting to a later time
election-still-active = This election is still active. Close it first
election-already-open = Voting in this election has opened already
election-already-published = The result of this election is published already
election-not-published = The result of this election is not published yet
election-still-counting = The ballots of this election are still being counted. Wait until its tally_state is 'opened'
election-archived = This election is archived
election-needs-contest = The election needs at least one contest
election-needs-candidates = The election needs at least 2 candidates in '{ $contest }'
election-too-few-for-marks = '{ $contest }' asks for at least { $least } marks and has only { $candidates } candidates
election-roll-empty = Nobody is on the roll, so nobody could vote. Import the voters first
election-closes-in-the-past = The end of voting has passed already. Set a later one first
election-end-passed = The closing time has passed, so nobody could vote. Move the end of voting to a later time first
end-moved-later = Voting goes on for longer
end-not-set = This election has no closing time that could be moved. Close it when voting shall end
end-not-later = The closing time can only be moved later
end-in-the-past = The new closing time has passed already
amendment-reason-missing = must say why; every voter of the election can read it, so it names nobody
late-reason-refused = { $why }. Voting has begun
closes-before-opening = must be later than opens_at
contests-number = must be between 1 and { $most }
contest-not-of-election-or-twice = is no contest of this election, or is named twice
contest-not-of-election = is not a contest of this election
contest-has-candidates = cannot become a motion while candidates stand in it. Remove them first
contest-text-missing = must have the text that is voted on
contest-text-of-motion = is only for motions, and this contest is not a motion
contest-candidates-fixed = This contest is a motion: its options are Yes, No and Abstain, and nobody stands in it
candidate-fixed = The rule of this contest puts this option on the ballot. To change or remove it, change the rule
ballot-too-large = The ballot is too large: an election has at most { $most } candidates, and a ballot must fit 16 kB, which is about 540 marks or 470 ranked or scored candidates
ranking-recognised = After the end every ballot becomes public, without a name. There can be so many possible rankings that each voter's ranking is different. Somebody who told a voter how to rank the candidates can then find that ballot
ranking-warning = '{ $contest }' is ranked. { $why }
orders-exceed-voters = '{ $contest }' has more than a hundred possible rankings for each voter, so nearly every ballot can be different from all others. { $why }
candidate-withdrew = { $candidate } withdrew and cannot be elected
candidate-of-contest-withdrew = { $candidate }, a candidate of '{ $contest }', withdrew and cannot be elected
candidate-withdrawn-already = This candidate has withdrawn already
candidate-cannot-withdraw = is not the number of a candidate of this election who can withdraw
amendment-needs-one = name either a later closing time or a candidate who withdrew
withdrawal-needs-reason = must say what happened; every voter of the election can read it
contest-missing = This election has no contest yet. Add one to it first
rule-not-an-object = must be an object whose member 'method' names a method, such as 'plurality'
rule-field-unknown = is no field of { $method }, which has: { $offered }
rule-field-required-share = must be {"{"}"more_than": "1/2"{"}"} or {"{"}"at_least": "2/3"{"}"}, with any share from 1/n to n/n
rule-field-skipped-ranks = must be a whole number of ranks between 0 and 65535, or "unlimited"
rule-field-passes = must be one of: { $offered }, or {"{"}"more_than": {"{"}"share": "1/2", "of": "votes"{"}"}{"}"}, also with "at_least", and of "votes", "ballots" or "roll"
share-out-of-reach = can never be reached, because it asks for more than 100 %. Use 'at_least'
seats-out-of-range = must be between 1 and { $most }
marks-cannot-be-met = must be at least 1, and not less than min_marks
votes-cannot-be-met = must be between 1 and { $most }, and most_for_one between 1 and votes
top-not-offered = must be 5, 9, 10, 20 or 100
decimals-out-of-range = must be between 1 and { $most }
field-of-rctab = belongs to the variant with "rule": "rctab"
majority-needs-one-seat = needs exactly one seat
none-of-the-above-cannot-be-shown-only = can only be 'vacant_seat' with this method
majority-below-half = needs at least a half; { $share } is less
description-too-long = must not be longer than 10,000 characters
manifest-missing = There is no manifest: no such election, or it is not activated yet

## What the organiser of an election should know

count-stopped-warning = The counting has stopped: { $reason }. { $next }
count-stopped-next = No ballot is lost and nobody has seen a result. Show the reason to whoever runs this installation. When the cause is removed, close the election again: the count goes on where it stopped
voting-halted = Voting is halted, because recorded ballots are missing from the ballot box. No ballots are taken, and links that were not used stay good. Tell whoever runs this installation: they find out what happened and resume voting
recording-was-halted = Recording was halted because recorded ballots were missing, and was never resumed. What was in the ballot box at the close is counted; the result says so
opening-missed-end = The closing time has passed, so voting does not open. Move the end of voting to a later time, or delete the election
opening-needs-roll = Nobody is on the roll yet. Import the voters before the opening time: until somebody is on the roll, voting does not open
links-unsent =
    { $voters ->
        [one] 1 voter has not been sent a link yet
       *[other] { $voters } voters have not been sent a link yet
    }
contest-everybody-elected = '{ $contest }' has { $candidates } candidates for { $seats } seats: everybody with a vote is elected
result-kept-back = The ballots are counted and the result is kept back. Publish it when it is time

## What is looked at before an election opens. Who reads it can still change something

check-links-late = Voting opens in { $span }, and { $unsent }
check-closes-at-night = Voting ends at { $clock } at night, when hardly anybody is there to answer voters
check-opens-in-the-past = The opening time has passed: voting opens as soon as you open the election
check-no-end = No end is set: voting goes on until you close it by hand
check-few-voters =
    { $voters ->
        [one] Only 1 voter is on the roll: the result tells how they voted
       *[other] Only { $voters } voters are on the roll: the result can tell how somebody voted
    }
check-mails-refused =
    { $mails ->
        [one] A mail server refused the link of 1 voter. Correct the address or send the link again
       *[other] Mail servers refused the links of { $mails } voters. Correct the addresses or send the links again
    }
check-address-unverified = Your own mail address is not verified, so voting links go to nobody but you. Have it verified

## Why a count has stopped

count-chain-broken = the chain of recorded ballots is broken at position { $position }
count-step-unexpected = { $step } says { $outcome }
count-database-refuses = the database refuses: { $cause }
count-commitment-unsigned = the box commitment is not signed
count-seal-key-missing = the seal key is not there
count-seal-key-foreign = the seal key is not the manifest's
count-seal-key-unusable = the seal key: { $cause }
count-manifest-unusable = the manifest: { $cause }
count-numbers-differ = { $committed } ballots were committed to, { $in_box } are in the box, { $opened } are opened
count-fault = { $cause }

## Results

result-count-stopped = The counting of this election has stopped: { $reason }. { $next }
result-count-stopped-public = The counting of this election has stopped, and its organiser was told. No ballot is lost; the result appears here when the count is finished
result-still-counting = The result is published and is being counted and checked. Ask again in a few seconds

## How a contest was counted, as the page of the result tells it

story-votes-on-motion = Votes on the motion
story-first-preferences =
    { $seats ->
        [one] First preferences for 1 seat
       *[other] First preferences for { $seats } seats
    }
story-sums-of-scores =
    { $seats ->
        [one] Sums of scores for 1 seat
       *[other] Sums of scores for { $seats } seats
    }
story-votes =
    { $seats ->
        [one] Votes for 1 seat
       *[other] Votes for { $seats } seats
    }
outcome-withdrew = withdrew
outcome-elected = elected
outcome-elected-by-lot = elected by lot
outcome-tied = tied
outcome-not-drawn = lost by lot
outcome-not-elected = not elected
story-quorum-met = The quorum is met: { $ballots } ballots of { $roll } voters, { $needed } are needed.
story-quorum-not-met = The quorum is not met: { $ballots } ballots of { $roll } voters, { $needed } are needed.
story-motion-passed = The motion is passed: { $yes } yes, { $no } no, { $abstain } abstain; { $needed } yes are needed.
story-motion-not-passed = The motion is not passed: { $yes } yes, { $no } no, { $abstain } abstain; { $needed } yes are needed.
story-motion-not-quorate = Not quorate: nothing is counted, and the motion is not decided.
story-motion-share-of-votes = To pass, a motion needs { $share } of all yes and no together: { $needed } of { $of }.
story-motion-share-of-ballots = To pass, a motion needs a yes on { $share } of all ballots: { $needed } of { $of }.
story-motion-share-of-roll = To pass, a motion needs a yes from { $share } of all who could vote: { $needed } of { $of }.
story-not-quorate = Not quorate: nothing is counted, and nobody is elected.
story-majority-not-reached = Nobody has the required majority, { $required } of the valid ballots: nobody is elected.
story-no-valid-ballots = There are no valid ballots: nobody is elected.
story-elected = Elected: { $names }
story-nobody-elected = Nobody is elected.
story-eliminated = Eliminated: { $names }
story-surplus-moves = Surplus moved from: { $names }
story-tied =
    { $seats ->
        [one] Tied: { $names }. The count does not decide between them; 1 seat stays open.
       *[other] Tied: { $names }. The count does not decide between them; { $seats } seats stay open.
    }
story-lot-drawn = A lot decided a tie. It was computed from the hash of the sealed ballot box: nobody could choose it, and anybody can compute it again.
story-vacant = Vacant seats: { $vacant } of { $seats }.
story-vacant-too-few = There are fewer candidates than seats.
story-vacant-none-of-the-above = Only candidates who are above "None of the above" are elected.
story-vacant-no-support = No ballot that was counted names { $names }. Whoever no ballot names is not elected.
story-without-effect =
    { $ballots ->
        [one] 1 valid ballot names only candidates who withdrew. It counts for nobody, but shares of the valid ballots include it.
       *[other] { $ballots } valid ballots name only candidates who withdrew. They count for nobody, but shares of the valid ballots include them.
    }
story-names = { $names }
story-pairs-table = Ballots that put the candidate of the row above the candidate of the column
story-paths-table = The strongest path from the candidate of the row to the candidate of the column. A path is as strong as the weakest comparison on it
story-and-others = { $names } and { $more } others
story-kept = Kept of each vote: { $factors }
story-comparison = { $winner } over { $loser }
story-locked = { $winner } over { $loser } ({ $votes } to { $against } ballots) counts
story-passed-over = { $winner } over { $loser } ({ $votes } to { $against } ballots) is passed over: it contradicts those before
story-rounds-left-out = Rounds { $first } to { $last } are left out of this page, which would be too long with them. The data has every round.
story-eliminated-in-order = Eliminated in rounds { $first } to { $last }, in this order: { $names }
story-comparisons-left-out = There are too many comparisons for this page. The data has all of them.
story-votes-column = Votes
story-sum = Sum
story-total = Total
story-scores = Scores
story-run-off = Run-off
story-round = Round { $number }
story-exhausted = Exhausted
story-lost-by-rounding = Lost by rounding
story-needed = Needed to be elected
story-in-round = { $round }. { $what }
story-transfer = { $votes } votes move from { $from } to { $to }
story-transfer-to-nobody = { $votes } votes of { $from } move to nobody: these ballots name no further choice
story-tie = Tie over { $over } between { $between }: { $by }
story-tie-decided = Tie over { $over } between { $between }: { $by }. Chosen: { $chosen }
tie-over-seat = a seat
tie-over-elimination = elimination
tie-over-surplus = whose surplus is moved first
tie-over-run-off-place = a place in the run-off
tie-over-pair = which comparison of two candidates counts first
tie-broken-by-round = the votes in round { $round } decide
tie-broken-head-to-head = the comparison head to head decides
tie-broken-by-total = the higher total decides
tie-broken-by-top-scores = the most top scores decide
tie-broken-by-lot = a lot decides, best lot first: { $order }
tie-broken-by-none-of-the-above = only whoever is above "None of the above" is elected
tie-makes-no-difference = every way to resolve it elects the same people
tie-not-broken = not resolved
story-invalid = { $ballots } { $reason }
invalid-unreadable = could not be opened or read
invalid-blank = blank, which is not allowed here
invalid-not-a-mark = with a number where only a mark is allowed
invalid-too-many-marks = with too many marks
invalid-too-few-marks = with too few marks
invalid-too-many-votes = with too many votes
invalid-too-many-votes-for-one = with too many votes for one candidate
invalid-score-beyond-top = with a score above the highest
invalid-equal-ranks = with equal ranks
invalid-gap = with a rank left out

## Voting

link-incomplete = This is not a complete voting link. Open the link in your mail again, or copy all of it
link-unknown = This voting link is not known. Open the link in the newest mail again, or copy all of it
link-used = This voting link has already been used
link-replaced = This voting link was replaced by a newer one. Use the link in the newest mail
link-expired = This voting link has expired
link-voting-halted = Voting in this election is halted, because recorded ballots are missing from its ballot box. Your link is not used. Keep it and tell the organiser; you can vote with it when voting is resumed
link-tried-too-often = This link was used too often in a short time. Try again in { $seconds } s
vote-recorded = Your vote has been recorded
receipt-gone = A ballot was recorded with this link; its receipt cannot be shown again
ballot-sealed-only = This election takes ballots that were sealed and stamped on the voter's own device, and no other
ballot-changed = The ballot paper of this election is not as it was when voting was opened, so no vote can be taken now. Nothing was recorded and your link stays as it is. Tell the organiser, and try again later
recording-full = Too many ballots of this election are waiting. Nothing was recorded and the link is not used; try again in a few seconds
recording-busy = The ballot box of this election is busy with something else. Nothing was recorded and the link is not used; try again in a few seconds
recording-halted = Voting in this election is halted: its ballot box no longer holds everything that was recorded in it. Your ballot was not recorded, and your link is not used. Keep the link and tell the organiser; you can vote with it when voting is resumed, and the reason for that will stand on your ballot
recording-unreachable = The ballot box cannot be reached. Nothing was recorded and the link is not used; try again in a few seconds
recording-outcome-unknown = It is not known whether the ballot was recorded. Send the very same request again, with the same Idempotency-Key
recording-failed = The ballot was not recorded
choice-needs-choices = names one candidate, but this ballot has { $contests } contests; send 'choices' instead
choice-beside-candidate = cannot stand beside 'candidate_id'; send one of the two
choice-missing = is missing; send it, or 'choices'
choice-contest-missing = is missing; an empty list is a blank vote
choice-contest-unknown = is no contest of this ballot
choice-candidate-unknown = names candidate { $candidate }, who is not on this ballot
choice-candidate-twice = names a candidate twice
choice-needs-numbers = must be an object with a number for each chosen candidate; an empty list is a blank vote
choice-needs-choices-here = names one candidate, but candidates of this ballot are ranked or given numbers; send 'choices' instead
ballot-unreadable = is no ballot of this election
blank-not-allowed = is blank, which this contest does not allow
not-a-mark = gives a candidate a number other than 1; in this contest candidates are only marked
too-many-marks = has more marks than the { $most } that this contest takes
too-few-marks = has fewer marks than the { $least } that this contest takes
too-many-votes = gives more than the { $most } votes that a ballot has
too-many-votes-for-one = gives one candidate more than { $most } votes
score-beyond-top = has a score above { $most }, the highest
equal-ranks = gives two candidates the same rank, which this contest does not allow
gap = leaves out a rank before the last one used, which this contest does not allow
vote-mark-one = Choose one.
vote-mark-exactly = Choose exactly { $most }.
vote-mark-up-to = Choose up to { $most }.
vote-mark-between = Choose at least { $least } and at most { $most }.
vote-mark-any = Mark everybody you approve of.
vote-give-votes = You have { $votes } votes. Give them to whom you like, at most { $most } to one candidate.
vote-give-scores = Give scores from 0 to { $top }, the higher the better. No score counts as 0.
vote-rank = Rank as many as you like: 1 for your first choice, 2 for your second, and so on.
vote-rank-equal = Several candidates may have the same rank.
vote-motion = Say yes, no or abstain to this text.
vote-motion-share-of-votes = It passes with { $share } of all yes and no together.
vote-motion-share-of-ballots = It passes with a yes on { $share } of all ballots.
vote-motion-share-of-roll = It passes with a yes from { $share } of all who can vote.
vote-seats =
    { $seats ->
        [one] One is elected.
       *[other] { $seats } are elected.
    }
idempotency-key-malformed = must be given once, as 64 hex digits of 32 random bytes
receipt-malformed = is neither a code like VOTE-XXXX-XXXX-XXXX-XXXX nor a vote hash of 64 hex digits
requests-waiting = Too many requests are waiting. Nothing was done; try again in half a minute
reminder-code-malformed = must be the 32 hex digits of your mail. Open the link in it again, or copy all of it
link-requested = If this number and this address are together on the roll of an election that can still be voted in, a mail is on its way to that address. It can take a few minutes. Every request replaces the link before it, and at most three in 24 hours are answered
reminders-stopped = If this code is of this election, its voter gets no more reminders. Voting links still arrive, and the one you have stays good

## The roll, the candidates and the links

on-roll-already = This address is on the roll already. Upper and lower case are the same
student-id-taken = This student_id is that of another voter on the roll
student-id-of-other-voter = is that of another voter on the roll
student-id-of-other-line = is that of another voter, on line { $line }
address-on-roll = is on the roll already
address-of-other-line = stands on line { $line } already
student-id-kept = can be changed, and not be removed any more: the election is activated, and voters can ask for a link with it
voter-can-have-link = Voting is open, and this voter was sent a link or has a student number, with which voters ask for a link themselves: whoever can have a link stays on the roll. If the address is wrong, correct it
voters-anonymised = The voters of this election were anonymised: nobody is left to mail to
candidate-name-taken = A candidate of this name stands in this contest already. Voters could not tell the two apart
candidate-position-from-one = must be 1 or more
candidate-place-twice = cannot stand beside 'display_order'; send one of the two
link-not-web = must be the address of a web page, such as https://example.org/ann
photo-other-kind = This is no photo that can be read here. Choose a JPEG, PNG or WebP file
photo-too-many-pixels = This photo has more than 25 million pixels, or a side of more than 12,000 pixels. Make it smaller and send it again
photo-damaged = This photo is damaged, or was cut off on its way. Open it in a program for pictures, save it again and send that
photo-file-too-large = The photo is larger than 5 MB. Make it smaller and send it again
programme-file-too-large = The PDF is larger than 5 MB. Make it smaller and send it again
programme-file-other-kind = This is no PDF. Save the programme as PDF and send that
upload-again = The file could not be stored at this moment, and nothing was changed. Send it again
own-address-unverified = Your own mail address is not verified yet, so mails go to nobody else. Have it verified first
resend-limit = The link was sent again { $most } times to this voter, and that is the most. Check the address on the roll
reminders-taken = Whoever has a link and has not voted is reminded, with a fresh link, but for those who asked for no more reminders. How many these are is not said: it would tell who has voted
reason-not-utf8 = must be UTF-8
test-mail-limit = { $most } test mails were sent in an hour, and that is the most. Wait until the hour is over
test-mail-unverified = Your own mail address is not verified yet, so no test mail is sent to it. Have it verified first

## A file of voters

file-old-excel = This is a file of an old Excel (.xls). In your spreadsheet program, save as .xlsx or CSV and send that
file-binary-excel = This is a binary Excel file (.xlsb). In your spreadsheet program, save as .xlsx or CSV and send that
file-with-macros = This workbook can have macros in it (.xlsm). In your spreadsheet program, save as .xlsx or CSV and send that
file-open-document = This is an OpenDocument file (.ods). In your spreadsheet program, save as .xlsx or CSV and send that
file-encrypted = This file has a password. In your spreadsheet program, save as .xlsx without a password, or as CSV, and send that
file-other-archive = This is neither a spreadsheet nor a CSV file. In your spreadsheet program, save as .xlsx or CSV and send that
file-workbook-damaged = This spreadsheet file cannot be read: it is damaged, or written in an unusual way. In your spreadsheet program, save as .xlsx again, or as CSV, and send that
file-workbook-too-large = This spreadsheet file has too much in it. Copy the voters into a new workbook, without formats, and save as .xlsx or CSV. More than 200000 voters are sent in parts
file-hidden-sheet = The voters seem to stand in the hidden sheet '{ $sheet }', and only visible sheets are read. Show that sheet, save the file and send it again
cell-is-date = is a date for your spreadsheet program. Format the column as text, type the number again and send the file again
cell-number-cut = has more than 15 digits, and your spreadsheet program has replaced the last ones by zeros. Format the column as text, type the number again and send the file again
cell-is-error = is a formula with an error
file-empty = The file is empty
file-without-voter = The file has only the line with the columns and no voter. Nothing was imported
file-not-text = The file is not plain text: it has a zero byte in it. Save it as CSV in UTF-8
file-utf16 = The file is UTF-16 text. Save it as CSV in UTF-8
file-without-email-column = The first line must name the columns, and one of them must be 'email': email,first_name,last_name. It is: { $line }
file-begins-with-voter = The first line must name the columns, and one of them must be 'email': email,first_name,last_name. It seems to be a voter
file-header-too-long = The first line is longer than 16 kB. It must name the columns: email,first_name,last_name
file-column-twice = The first line names the column '{ $column }' twice
file-too-many-lines = The file has more than 200000 lines. Split it and send the parts one after the other
file-too-large = The file is larger than 20 MB. Split it and send the parts one by one
line-not-utf8 = is written in another encoding than the rest of the file (Windows-1252, and the rest is UTF-8), so its letters would come out wrong. Save the whole file as CSV in UTF-8
line-not-windows = is written in another encoding than the rest of the file (UTF-8, and the rest is Windows-1252), so its letters would come out wrong. Save the whole file as CSV in UTF-8
line-in-two-encodings = is written in two encodings (UTF-8 and Windows-1252), so some of its letters would come out wrong. Save the whole file as CSV in UTF-8
line-too-many-fields = has { $fields } fields, and the header { $columns }. Put a field with a separator in it into quotes
file-lines-refused =
    { $lines ->
        [one] 1 line of the file cannot be taken, so nothing was imported. Correct what 'errors' names and send the file again, or send it with ?mode=skip to import the other lines
       *[other] { $lines } lines of the file cannot be taken, so nothing was imported. Correct what 'errors' names and send the file again, or send it with ?mode=skip to import the other lines
    }
import-roll-changed = The roll was changed again and again while this file was imported, so nothing was imported. Send the file again
import-nothing-new = No line of this import is a new voter, so there is nothing to confirm
import-outdated = The roll has changed since the preview, so nothing was imported. Look at the preview again and confirm it then
form-election-number = must be the number of an election
form-field-twice = was sent twice
form-field-unknown = has a field besides these: { $known }
form-field-missing = is missing in the form
form-not-multipart = Send the file as a form: multipart/form-data with the file in the field 'file'
form-unreadable = The form cannot be read: it is broken or ends too early. Send it again
form-header-unknown = must be absent or 'none'

## Accounts

registration-closed = Registration is closed here. Ask whoever runs this installation for an account
registration-not-invited = Only who was invited can register here. Ask whoever runs this installation for an invitation
registration-invitation-unusable = This invitation is not for this address, or it is not good any more: it was used, taken back, or is older than seven days
registration-address-known = There is an account with this address already. Log in with it
inviting-not-superadmin = Only a superadmin invites. Whoever runs this installation makes one with 'make superadmin EMAIL=...'
inviting-closed = Registration is closed here, also for the invited. Whoever runs this installation can set AUTH_REGISTRATION=invite
inviting-address-known = There is an account with this address already
password-too-short = is too short; take 12 characters or more, for instance four words
password-too-long = is too long; at most 72 bytes count (letters outside ASCII take 2 to 4), because bcrypt reads no further
password-control-character = has a control character in it; bcrypt ends at such a character
password-contains-address = contains your mail address, which everybody knows
password-common = is one of those that are tried first; take another, for instance four words that do not belong together
login-wrong = The address or the password is wrong. After five failures in a row the account is locked for you for 15 minutes
account-locked = Too many failures in a row: this account is locked for you. Try again in { $minutes } minutes; a device that has logged in before and has kept its cookie can log in; and the link in the mail that was sent to the account's address opens it at once (POST /api/auth/request-unlock sends another)
account-locked-for-unknown = Too many failures: this account is locked for all devices that have not logged in to it before. Try again in { $minutes } minutes; a device that has logged in before and has kept its cookie can log in; and the link in the mail that was sent to the account's address opens it at once (POST /api/auth/request-unlock sends another)
account-code-refused = is not the code of this mail, or no longer good: it dies after five tries, when it was used or when its time is over. Use the link in the mail, or ask for a new one
account-token-refused = is not the one of a mail that is still good: it was used, its time is over, or a part is missing. Open the link again, or ask for a new mail
account-codes-too-soon = Codes were sent to this address already: at most one in two minutes, three in an hour, and six in a day until the address is verified. Look into your mailbox, also into the folder for unwanted mail
account-codes-waiting = Too many codes are being sent. Nothing was done; try again in a few seconds
account-too-many-wrong-codes = Too many wrong codes. Use the link in the mail; or ask for a new mail, and send the request_id of that answer with its code
account-too-many-wrong-passwords = Five wrong passwords were sent in this session, so it changes none any more. Log in again, or use request-password-reset
account-current-password-wrong = The current password is wrong. A session has five tries
account-token-is-enough = is enough: send it without email, code and request_id
account-proof-missing = is missing: send email and code, or the token of the mailed link
account-code-sent = A mail with a code is on its way to you. Send the code to POST /api/auth/verify-address within 24 hours
account-unlock-requested = If there is an account with this address and it is locked, a mail with a link and a code is on its way. At most three such mails are sent in an hour; when no new one comes, the newest in your mailbox is still good
account-reset-requested = If there is an account with this address, a mail with a link and a code is on its way. At most three such mails are sent in an hour; when no new one comes, the newest in your mailbox is still good

## The audit log

audit-superadmins-only = Only superadmins may see what other services could not tell audit
audit-event-of-other-service = The batch holds an event of { $source }, which { $service } may not tell
audit-events-number = holds { $events } events; 1 to { $most } are taken at a time
audit-event-time = is dated before 1970 or after 9999
audit-event-details = has details that cannot be written as canonical JSON
audit-signature-behind-end = A signature of entry { $entry } lies behind the end of the log
audit-entry-missing = the entry is missing
audit-entry-does-not-follow = the entry does not follow the one before it
audit-entry-not-as-written = the entry is not what was written
audit-end-missing = the recorded end of the log is missing
audit-entries-to-end-missing = the entries from here to the recorded end are missing
audit-entry-behind-end = the entry lies behind the recorded end
audit-entry-not-end = the entry is not the recorded end
audit-signature-of-other-key = the signature is not of this installation's key
audit-signed-entry-missing = the entry that was signed is missing
audit-signed-entry-changed = the entry has another hash than the one that was signed
audit-signature-missing = the signature is missing in the database
audit-head-file-unusable = the file { $file } cannot be used: { $cause }
audit-head-file-of-other-key = it was not signed by this service's key
audit-head-file-unreadable = it cannot be read: { $cause }
audit-signed-head-not-continued = the log does not continue the head that was signed last: { $what }
audit-head-behind-end = entry { $entry } lies behind the recorded end
audit-head-not-end = entry { $entry } is not the recorded end
audit-head-entry-missing = entry { $entry } is missing
audit-head-entry-changed = entry { $entry } has another hash now
audit-signatures-end-early = the signatures in the database end before entry { $entry }, which was signed last
audit-newest-signature-of-other-key = the newest signature in the database, of entry { $entry }, is not of this service's key
audit-entries-unsigned = entries from { $entry } on were written without a signature
audit-entry-changed = entry { $entry } of the log is not as it was written: { $reason }
audit-clock-out-of-range = the clock of this machine is out of its range
audit-head-incomplete = is missing; a head is its number and its hash
audit-head-hash-malformed = must be 64 hexadecimal digits
audit-references-unreadable = must be references of entries of the audit log with commas between them, at most { $most }
audit-event-unknown = must be names of events with commas between them, such as election_created,voters_imported
audit-election-missing = is missing; name one of your elections

## Between services: mails that are asked for

mail-not-yours = { $service } may not ask for this mail
mails-too-many = are more than { $most }
mail-too-late = This election is closed, or does not exist any more. Mails about its links are not kept and not sent. Do not ask again
mail-text-length = must have { $least } to { $most } characters
mail-occasion-reminder = must not be 'reminder'
mail-not-base64 = is not base64
mail-not-hex = is not { $digits } hex digits
mail-code-form = must have 4 to 64 letters, digits or hyphens
mail-number-above-zero = must be a number above 0
mail-reason-missing = must say why the count has stopped
mail-not-a-link = is not a link that begins with https:// or http://

## What became of a mail

mail-server-said = { $code } { $said }
mail-server-silent = the mail server did not answer within { $seconds } seconds
mail-server-trouble = the mail server cannot be reached: { $cause }
mail-given-up = given up after { $days } days; last: { $reason }
mail-unreadable = the stored mail cannot be opened: { $cause }
mail-of-other-version = the stored mail is of another version
mail-unwritable = no mail can be made of it: { $cause }

## Pages

page-nothing-chosen = Nothing is chosen here yet
page-candidates-and-blank = Either candidates or a blank vote can be chosen, not both
page-no-candidate = This is no candidate of the ballot
page-rank-is-shared = Rank { $rank } is given to { $names }
page-no-number = A field holds something that is no whole number
page-choice-refused = This choice { $why }
page-service-silent = A part of this installation does not answer at the moment. Nothing was changed
page-answer-lost = No answer came in time, so it is not known whether this has arrived. Send it again in a moment: twice does no harm
page-nothing-here = There is nothing at this address. The home page leads on; /api/docs lists the API
page-no-such-problem = There is no problem of this name. /problems lists all of them
page-form-unreadable = The form could not be read. Go back and send it again
page-form-unreadable-open-link = The form could not be read. Open the link in your mail again
page-address-unreadable = The address could not be read. Open the link in your mail again
page-link-incomplete = This is not a complete link. Open the link in your mail again, or copy all of it. Nothing was changed

## Mails. The greeting ends with a comma, so the first sentence goes on in small letters. A title stands in quotation marks, and in
## bold on a page; both are put around it, so the sentence here has none.

mail-greeting = Hello { $name },
mail-greeting-nobody = Hello,
mail-footer = U-Vote sends this mail by itself. Answers are not read.
mail-button-fallback = If the button does not work, copy this address into your browser:
mail-spent-code = Your spent code:

mail-link-subject = Your link to vote: { $title }
mail-link-again-subject = Your new link to vote: { $title }
mail-reminder-subject = A reminder to vote: { $title }
mail-link-invited = you are invited to vote in { $title }.
mail-link-reminder = voting in { $title } is open, and no ballot was recorded with your link when this mail was made.
mail-link-requested = you asked for a new link to vote in { $title }.
mail-link-corrected = your address for { $title } was changed to this one. Here is your link to vote.
mail-link-vote-now = Vote now
mail-link-replaces = A link that was sent to you earlier does not work any more. Use this one.
mail-link-not-asked = If you did not ask, somebody did who knows your number and this address. Nothing else has happened: this mail came to you and to nobody else.
mail-link-is-yours = The link is yours alone. Whoever has it can vote in your place, so do not pass this mail on. Opening it does not use it up; recording a ballot does.
mail-link-expires = The link expires on { $time }.
mail-link-works-until = The link works until { $time } at least.
mail-link-voting-ends = Voting ends on { $time }.
mail-link-code-on-page = The page behind the link also shows your spent code, which stands for your right to vote. Keep it: after the end you get a mail with it if your right was used.
mail-link-keep-code = Keep this code. It stands for your right to vote. After the end you get a mail with it if your right was used. If you did not vote and such a mail comes, somebody voted in your place: tell the organiser.
mail-link-stop-reminders = If you do not want to be reminded of this election again
mail-link-stop-and-vote = You can vote all the same.

mail-test-subject = Test: { $subject }
mail-test-note = This is a test. Voters get the same mail, each with a link of their own. The ballot behind this link counts nowhere.

mail-recorded-subject = About your link to vote: { $title }
mail-recorded-requested = you asked for a new link to vote in { $title }.
mail-recorded-corrected = your address for { $title } was changed to this one.
mail-recorded-resent = the organiser of { $title } asked for a new link for you.
mail-recorded-sent = the organiser of { $title } asked for a link for you.
mail-recorded-nobody-told = A ballot was already recorded with your link, so there is no new one. Every voter has one ballot. Nobody but you is told this.
mail-recorded-organiser-not-told = A ballot was already recorded with your link, so there is no new one. Every voter has one ballot. The organiser is not told this; only you are.
mail-recorded-not-you = If it was not you who voted, tell the organiser.
mail-recorded-code-on-page = Your spent code is on the page that your used link opens.
mail-recorded-code-means = It stands for your right to vote. After the end you get a mail with it if your right was used.

mail-corrected-subject = A voter's address was changed: { $title }
mail-corrected-changed = this address stood on the roll of { $title }. The organiser has changed it to { $address }.
mail-corrected-old-link = A link to vote that was sent here does not work any more.
mail-corrected-what-to-do = If you are not that voter, there is nothing to do. If you are, and you did not want this, write to the organiser at once: { $organiser }

mail-used-subject = Your right to vote was used: { $title }
mail-used-recorded = voting in { $title } has ended. A ballot was recorded with your right to vote. This mail does not know when, or for whom.
mail-used-not-you = If you did not vote, somebody voted in your place: tell the organiser.
mail-used-same-code = It is the same code as in your invitation and stands for your right to vote.

mail-results-subject = The results are in: { $title }
mail-results-published = the votes in { $title } are counted, and the results are published.
mail-results-view = View results
mail-results-head = Keep this mail. With these lines anybody can ask later whether the log of what was done is still the same. The audit log of this installation had reached entry { $entry }, whose hash covers it and all before it:
mail-results-head-signed = Signed by this installation at { $time }:
mail-results-head-check = This address says whether the log still has this entry as it was, and when the installation last looked at every entry before it. It does so each hour, and whether it found one that was changed or is missing is said there too

mail-sealed-subject = The ballot box is sealed: { $title }
mail-sealed-closed = the ballot box of { $title } is closed and sealed. Nobody has opened a ballot yet.
mail-sealed-ballots = Ballots in the box: { $ballots }
mail-sealed-ballots-hash = SHA-256 over their sorted digests:
mail-sealed-used-rights = Rights to vote that were used: { $used }, of { $roll } voters on the roll
mail-sealed-used-rights-hash = SHA-256 over the sorted list of used rights:
mail-sealed-withdrawn-hash = SHA-256 over the sorted numbers of the candidates who have withdrawn:
mail-sealed-signature = Signature of this installation over all of this:
mail-sealed-never-halted = Recording was never halted.
mail-sealed-halted-and-resumed =
    { $halts ->
        [one] Recording was halted once because recorded ballots were missing, and resumed. The reason stands with the result.
       *[other] Recording was halted because recorded ballots were missing, { $halts } times, and resumed each time. The reasons stand with the result.
    }
mail-sealed-halted-at-the-end =
    { $resumptions ->
        [0] Recording was halted because recorded ballots were missing, and was not resumed before voting ended. The result will say so.
       *[other] Recording was halted because recorded ballots were missing, { $halts } times. After the last time it was not resumed before voting ended. The result will say so.
    }
mail-sealed-recording-signature = Signature over this and the hash of the ballots:
mail-sealed-keep = Keep this mail. Whoever from now on changes, adds or removes a ballot, or changes who took part, gets other numbers and hashes than these. You can compare them with those on the page of the result.

mail-code-verify-subject = Your code to confirm this address
mail-code-unlock-subject = Your account is locked: a link to open it
mail-code-reset-subject = Your link for a new password
mail-code-verify = type in this code to show that this address is yours:
mail-code-unlock = somebody failed to log in to your account again and again, so it was locked for them. A device on which you have logged in before is not kept out. If you are kept out, this link opens the account at once:
mail-code-reset = somebody asked for a new password for your account. This link sets one:
mail-code-unlock-open = Open my account
mail-code-reset-set = Set a new password
mail-code-or-code = Or type in this code:
mail-code-good-until = The code is good once, until { $time }. Nobody of U-Vote will ever ask you for it. If you did not expect this mail, do nothing: without it nothing changes.
mail-code-either-good-until = Either is good once, until { $time }. Nobody of U-Vote will ever ask you for it. If you did not expect this mail, do nothing: without it nothing changes.

mail-invitation-subject = You are invited to organise elections
mail-invitation-by = { $admin } invites you to organise elections with U-Vote.
mail-invitation-make-account = Make your account
mail-invitation-good-until = The link is for this address alone, and good until { $time }. If you do not know who invites you, do nothing.

mail-opened-subject = Voting is open, and links are missing: { $title }
mail-opened = voting in { $title } has opened at its time.
mail-opened-links-unsent =
    { $voters ->
        [one] One voter was sent no link yet and cannot vote. Send the voting links: whoever has one keeps it, and gets no second mail.
       *[other] { $voters } voters were sent no link yet and cannot vote. Send the voting links: whoever has one keeps it, and gets no second mail.
    }

mail-count-stopped-subject = The counting has stopped: { $title }
mail-count-stopped = the counting of { $title } has stopped.
mail-count-stopped-reason = Reason: { $reason }
mail-count-stopped-what-to-do = No ballot is lost, and nobody has seen a result. Show this mail to whoever runs this installation. When the cause is removed, close the election again: the count goes on where it stopped.
mail-halted-subject = Voting is halted, recorded ballots are missing: { $title }
mail-halted = voting in { $title } is halted. The ballot box no longer holds all ballots that were recorded in it.
mail-halted-what-to-do = No more ballots are taken. Links that were not used stay good. Show this mail to whoever runs this installation, at once: they find out what happened and let voting go on. Every voter can read then that it was halted, and why.
mail-halted-if-closed = If the election is closed before that, the ballots in the box are counted, and the result says that recorded ballots were missing.
mail-end-passed-subject = Voting did not open, its end has passed: { $title }
mail-end-passed = the closing time of { $title } has passed, and voting has not opened. So nobody could vote.
mail-end-passed-what-to-do = Move the end of voting to a later time, and import the voters if nobody is on the roll. Voting then opens by itself. If no link was sent, you can also delete the election.
mail-roll-empty-subject = Voting cannot open, nobody is on the roll: { $title }
mail-roll-empty = the opening time of { $title } has come, and nobody is on the roll. So voting has not opened: nobody could vote.
mail-roll-empty-what-to-do = Import the whole roll in one file. You do not have to explain it. Voting opens by itself as soon as somebody is on the roll; who is added after that is a late voter, announced with a reason. Then send the voting links.

## Kinds of problem (RFC 9457): title, and what to do. Each has a page at /problems/<slug>.

problem-malformed-request = The request cannot be read
problem-malformed-request-advice = Check that the body is JSON and the address is spelled as in the API description.
problem-not-logged-in = You are not logged in
problem-not-logged-in-advice = Log in again and send the new token in the Authorization header as 'Bearer <token>'.
problem-wrong-credentials = Wrong address or password
problem-wrong-credentials-advice = Check both. After five failures in a row no more are taken from where you are for 15 minutes.
problem-not-allowed = This is not yours to do
problem-not-allowed-advice = Ask whoever runs this installation for the right to do it.
problem-registration-closed = Registration is closed
problem-registration-closed-advice = Ask whoever runs this installation for an account.
problem-not-found = There is nothing here
problem-not-found-advice = Check the address. What belongs to somebody else is not there for you either.
problem-unknown-link = This voting link is not known
problem-unknown-link-advice = Open the link in the newest mail again, or copy all of it. An older link dies when a new one is sent.
problem-method-not-allowed = This address does not take that method
problem-method-not-allowed-advice = See the API description for the methods it takes.
problem-state-conflict = The state of the election does not allow this
problem-state-conflict-advice = The detail names the rule; see the life of an election in the manual.
problem-already-exists = This exists already
problem-already-exists-advice = Use what exists, or change it.
problem-already-used = A ballot was recorded with this link
problem-already-used-advice = Every voter has one ballot. If it was not you who voted, tell the organiser.
problem-voting-not-open = Voting is not open
problem-voting-not-open-advice = Voting opens and closes at the times on the ballot page.
problem-results-not-published = The results are not published yet
problem-results-not-published-advice = Nobody sees a count before the election is closed and counted. Come back then.
problem-count-stopped = The counting has stopped
problem-count-stopped-advice = The organiser was told and sees the reason. The ballots are kept; the result appears when the count is finished.
problem-resend-limit = The link was sent again too often
problem-resend-limit-advice = A link is sent again at most three times. Check the address on the roll.
problem-link-expired = This voting link has expired
problem-link-expired-advice = Ask for a new one with your number and your mail address, or ask the organiser to send you one.
problem-link-replaced = This voting link was replaced
problem-link-replaced-advice = A newer link was sent to you; only the newest one works.
problem-too-large = The request is too large
problem-too-large-advice = Send less: 16 kB on voting paths, 20 MB for a file of voters, 5 MB for a photo or PDF, 1 MB elsewhere.
problem-unsupported-media-type = This kind of content is not taken here
problem-unsupported-media-type-advice = Send JSON with Content-Type: application/json; a file of voters as CSV. From a spreadsheet: save as CSV.
problem-invalid-input = Some of the input cannot be taken
problem-invalid-input-advice = The list 'errors' names each field and what is wrong with it. Nothing was changed.
problem-account-locked = The account is locked
problem-account-locked-advice = Wait as long as Retry-After says, log in on a device that has logged in before, or use the link that was mailed to the address of the account.
problem-election-locked = The election is being changed at this moment
problem-election-locked-advice = Try again after a few seconds. Nothing was changed.
problem-too-many-requests = Too many requests
problem-too-many-requests-advice = Wait as long as Retry-After says, then try again.
problem-internal-error = Something went wrong on our side
problem-internal-error-advice = Nothing was changed. Try again; if it stays, quote the request_id to the operator.
problem-unavailable = The service cannot answer now
problem-unavailable-advice = Try again after a few seconds. Nothing was changed.
problem-recording-halted = Voting in this election is halted
problem-recording-halted-advice = The ballot box no longer holds everything that was recorded in it. Nothing was recorded and the link is not used. Keep the link, tell the organiser, and vote with it when voting is resumed. Whoever has a receipt can look it up.
problem-outcome-unknown = It is not known whether this was recorded
problem-outcome-unknown-advice = Send the very same request again: if it was recorded you get its receipt, and nothing happens twice.

## Pages of organisers. These stand alone, so they have full stops where they are sentences.
## Parts of every page

site-skip = Skip to the content
site-nav = Pages
site-nav-elections = Elections
site-nav-invitations = Invitations
site-nav-account = Account
site-nav-log-in = Log in
site-nav-log-out = Log out
site-footer = About this installation
site-foot-status = State of the services
site-foot-api = API
site-foot-problems = Problems and what to do
site-language = Language
site-language-name = English
site-error-prefix = Error:
site-mistakes =
    { $count ->
        [one] There is a problem
       *[other] There are { $count } problems
    }
site-optional = optional
site-actions = Actions
site-what-to-do = What to do
site-go-on = Go on
site-not-now = Not now
site-not-yet = Not yet
site-request-id = Number for the operator:
site-email = Mail address
site-password = Password
site-password-again = The same password again
site-current-password = Current password
site-new-password = New password
site-code = Code
site-link = The link
site-back-to-login = To the login
site-email-needed = Enter your mail address
site-password-needed = Enter your password
site-passwords-differ = The two passwords differ. Type the same one twice
site-code-needed = Enter the code from the mail
site-form-expired = This page was open for too long, or its form did not come from this page. Nothing was changed. Look at it once more and send it again
site-form-of-another-site = This form was sent by another site. Nothing was changed
site-answer-lost = No answer came in time, so it is not known whether this was done. Look at the page again before you send it once more
site-session-ended = You were logged out. Log in to go on.
site-session-ended-form-kept = You were logged out before this was sent. Nothing was changed, and what you typed is kept. Log in to send it.
site-session-ends-soon =
    { $minutes ->
        [one] Your session ends in 1 minute.
       *[other] Your session ends in { $minutes } minutes.
    }
site-session-renew = Log in again now
site-logged-out = You are logged out.
site-password-is-set = Your new password is set, and all sessions of your account have ended. Log in with it.
site-account-is-open = Your account is open again. Log in.
site-look-into-mailbox = Look into your mailbox
site-mail-hint = No mail after ten minutes? Look into the folder for unwanted mail, and check the address that you typed.
span-days =
    { $days ->
        [one] 1 day
       *[other] { $days } days
    }
span-hours =
    { $hours ->
        [one] 1 hour
       *[other] { $hours } hours
    }
span-minutes =
    { $minutes ->
        [one] 1 minute
       *[other] { $minutes } minutes
    }
span-two = { $first } { $second }
span-moment = less than a minute
local-time = { $weekday }, { $day } { $month } { $year }, { $clock } ({ $zone })

## Pages: home

home-title = Elections by a link in the mail
home-lead = U-Vote runs the elections of student councils, clubs and associations. Every voter gets a personal link by mail and votes once, without an account.
home-register = Set up an election
home-log-in = Log in
home-to-elections = To your elections
home-voters-title = You want to vote
home-voters = Open the link in the mail that you received. It shows your ballot; looking at it changes nothing and uses nothing up.
home-request-link = Ask for a new link
home-organisers-title = You organise an election
home-organisers-1 = Write the questions, and choose how each is counted.
home-organisers-2 = Enter the candidates and read in the list of voters.
home-organisers-3 = Check everything with a test ballot, then open the election and send the links.
home-organisers-4 = After the end the ballots are counted by themselves, and the result has its own page.
home-trust-title = Why the result can be trusted
home-trust = The ballots are sealed until the election is closed: nobody sees a count before, not even its organisers. What is in the box is committed to before it is opened. With the receipt every voter can look up that their ballot is in the box.
home-programs = Everything can also be done by a program:
home-programs-link = all calls of the API
home-mail-catcher = This installation is for trying out: its mails go to
home-mail-catcher-link = a page of its own
home-down =
    { $count ->
        [one] A part of this installation does not answer at the moment.
       *[other] { $count } parts of this installation do not answer at the moment.
    }
home-down-more = State of the services

## Pages: in and out

login-title = Log in
login-button = Log in
login-forgotten = I have forgotten my password
login-locked = My account is locked
login-register = I have no account yet
login-voters = You want to vote? Voters need no account.
register-title = Register as an organiser
register-lead = With an account you can set up and run elections. Voters need none: they get a link by mail.
register-email = The code that confirms your address is sent there.
register-email-invited = The address that the invitation was sent to.
register-password = At least 12 characters. A few words that only you put together are best.
register-button = Make my account
register-log-in = I have an account already
forgotten-title = Forgotten password
forgotten-lead = We send you a mail with a link. It leads to a page on which you set a new password.
forgotten-email = The one you log in with.
forgotten-button = Send me the mail
locked-title = Locked account
locked-lead = Too many wrong passwords lock an account for a quarter of an hour. We send you a mail with a link that opens it at once.
new-password-title = Set a new password
new-password-lead = The new password ends all sessions of your account. Log in with it afterwards.
new-password-button = Set this password
new-password-another-mail = Send me another mail
unlock-title = Open your locked account
unlock-lead = Wrong passwords have locked your account. This button opens it for you and makes this browser known to it, so that others who go on guessing do not keep you out. Your password stays what it is.
unlock-button = Open my account
refused-kept = What you typed is kept on this page. Files and passwords are not.
refused-again = Send it again
resume-title = You are logged in again
resume-kept = What you typed is still here, and was not sent yet.
resume-lead = Passwords and files are not kept. If the form had some, go to its page again.
resume-button = Send it now
resume-leave = Do not send it

## Pages: account

account-title = Your account
account-verified = Address
account-verified-yes = confirmed
account-verified-no = not confirmed yet
account-session = This session
account-session-ends = ends in { $span }
account-why-verify = Until you have shown that the address is yours, mails to voters may be refused.
account-verify = Confirm the address
account-just-verified = Your address is confirmed.
account-password-title = Another password
account-password-lead = A new password ends all sessions of your account, on every device, this one too.
account-password-button = Change the password
code-title = Confirm your address
code-lead = A code shows that the address is yours. Until then mails to voters may be refused.
code-sent = A mail with a code is on its way to { $email }.
code-hint = Eight characters, as in 7QK2-M9XD.
code-button = Confirm
code-later = Later
code-send = Send me a code
code-send-again = Send me another code

## Pages: invitations

invitations-title = Invitations
invitations-lead = Whoever you invite gets a mail with a link for an account of an organiser. It is good for seven days, for this address, once.
invitations-button = Send the invitation
invitations-open = Open invitations
invitations-by = Invited by
invitations-until = Good until
invitations-withdraw = Withdraw
invitations-none = No open invitations
invitations-none-text = Whoever has registered is not listed here.

## Pages: dashboard

dashboard-title = Elections
dashboard-superadmin = As a superadmin you see the elections of all organisers. You can change only your own.
dashboard-new = New election
dashboard-election = Election
dashboard-state = State
dashboard-turnout = Turnout
dashboard-next = Next
dashboard-voted = { $voted } of { $roll } have voted
dashboard-roll =
    { $roll ->
        [0] no voters yet
        [one] 1 voter
       *[other] { $roll } voters
    }
dashboard-more = More elections
dashboard-none = No elections yet
dashboard-none-text = Start with a template, or copy one that you ran before.
status-draft = Draft
status-scheduled = Scheduled
status-active = Open
status-closed = Closed
status-archived = Archived
election-opens-in = opens in { $span }
election-open-for = open for another { $span }
next-prepare = Go on preparing
next-check = Look at it once more
next-watch = Watch the turnout
next-counting = Follow the counting
next-count-stopped = The counting has stopped: see why
next-publish = Publish the result
next-archive = Print the minutes, then archive it
next-missed-end = Its end has passed: move it later
next-nothing = Look at it
guide-mistake = Enter a time after the opening, Mon 23 November, 08:00

## Pages: a new election

new-election = New election
new-title = Title
new-title-hint = As voters see it, such as: Student Council 2026
new-title-needed = Enter a title
new-begin = Start with
new-president = One president
new-president-hint = Voters rank the candidates. Whoever has a majority wins; until then the last one is eliminated.
new-board = A board with several seats
new-board-hint = Voters rank the candidates. The seats mirror the voters: a minority that agrees wins its share.
new-motion = A motion
new-motion-hint = Voters say yes or no to a text, or abstain.
new-copy = A copy of an earlier election
new-copy-hint = Its questions and rules, and its candidates if you like. Never its voters.
new-copy-which = Which election
new-copy-which-hint = Only for a copy.
new-copy-candidates = Take its candidates along
new-copy-candidates-hint = With their texts, photos and PDF files. Who has withdrawn stays out.
new-copy-needed = Choose the election to copy
new-seats = Seats
new-seats-hint = Only for a board.
new-seats-needed = Enter how many are elected, such as 3
new-button = Make the election
new-question-president = President
new-question-board = Board
delete-link = Delete this draft
delete-title = Delete this draft?
delete-lead = Its questions, candidates and voters are deleted with it. This can never be undone.
delete-button = Delete the draft

## Pages: the frame of an election

frame-stub = This election
frame-steps = Steps
frame-all-steps = All steps
frame-step = Step { $number } of { $of }
frame-step-name = Step { $number } of { $of }: { $name }
frame-details = Title and times
frame-history = History
step-questions = Questions
step-candidates = Candidates
step-voters = Voters
step-check = Check
step-open = Open
step-watch = Watch
step-close = Close
step-result = Result
step-is-done = done
step-to-mend = to correct
step-is-later = later
step-motions =
    { $questions ->
        [one] 1 question
       *[other] { $questions } questions
    }
step-questions-seats =
    { $seats ->
        [one] { $questions }, 1 seat
       *[other] { $questions }, { $seats } seats
    }
step-candidates-count =
    { $candidates ->
        [one] 1 candidate
       *[other] { $candidates } candidates
    }
step-no-candidates = no candidates yet
step-no-candidates-needed = none needed
step-candidates-missing = { $contest } has { $candidates }, needs { $needed }
step-unknown = cannot be shown at the moment
step-planned = planned: { $time }
step-was-at = { $time }
step-by-hand = by hand
step-counting = the ballots are being counted
step-count-stopped = The counting has stopped
step-published = published
step-to-publish = to be published
time-in = in { $span }
time-ago = { $span } ago

## Pages: title and times

details-title = Title and times
details-description = Description
details-description-hint = What it is about. Voters read it above their ballot.
details-opens = Voting opens
details-opens-hint = Without a time you open it by hand.
details-closes = Voting ends
details-closes-hint = Without a time you close it by hand.
details-timezone = Time zone
details-timezone-hint = In this zone times are shown to voters.
details-timezone-needed = Choose a time zone of the list
details-locale = Language of the mails
details-locale-hint = Voters get their mails in this language.
details-time-unreadable = Enter a day and a time, such as 2026-11-23 08:00
details-publish = The result appears
details-publish-together = As soon as it is counted
details-publish-together-hint = Everybody sees it at the same time as you.
details-publish-manual = When I publish it
details-publish-manual-hint = Until then only you see that it is counted.
details-end-before-opening = Enter a time after the opening, { $time }
details-button = Save
details-fixed = The election is activated: nothing of this can be changed here any more.

## Pages: questions

questions-change-details = Change title and times
questions-go-on = Go on to the candidates
question-seats =
    { $seats ->
        [one] 1 is elected
       *[other] { $seats } are elected
    }

questions-change = Change
questions-remove = Remove
questions-add = Add a question
question-new = A new question
question-change = Change the question
question-other-method = Count it in another way
question-title = Question
question-title-hint = What is elected, such as: President
question-title-motion-hint = A short name of the motion
question-title-needed = Enter the question
question-number-needed = Enter a whole number
question-text = Text of the motion
question-text-hint = Word for word, as it is voted on.
question-seats-hint = How many are elected.
question-min-marks = Marks at least
question-min-marks-hint = On a ballot that is not blank.
question-max-marks = Marks at most
question-max-marks-hint = Empty: the usual number.
question-votes = Votes of a ballot
question-votes-hint = Empty: as many as seats.
question-most-for-one = Of these for one candidate
question-most-for-one-hint = Empty: all of them.
question-top = Highest score
question-top-hint = Voters give each candidate 0 up to this score.
question-passes = The motion passes with
passes-simple = more yes than no
passes-two-thirds = at least two thirds of yes and no together
passes-absolute = more than half of all voters on the roll
question-blank = Voters may cast a blank vote
question-blank-hint = A blank vote counts for the quorum, and for nobody.
question-quorum = Quorum
question-quorum-hint = Which share of the roll must vote. With fewer ballots nobody is elected.
question-majority = Required majority
question-majority-hint = Which share of the valid ballots the winner needs. Without it nobody is elected.
share-none = none
share-more-than = more than { $share }
share-at-least = at least { $share }
question-none = “None of the above”
question-none-hint = Whether voters can say that they want none of the candidates.
question-none-no = is not on the ballot
question-none-vacant = is on the ballot, and can keep a seat vacant
question-none-shown = is on the ballot, and only shown in the result
question-ties = Ties
question-ties-hint = What happens when two are level and the method has no rule for it.
question-ties-declare = The tie is the result
question-ties-lot = A lot decides that nobody can choose
question-order = Order on the ballot
question-order-fixed = The same for everybody
question-order-fixed-hint = As you put the candidates in order.
question-order-rotated = Rotated
question-order-rotated-hint = Each ballot begins with another candidate, so that nobody gains by standing first.
question-remove-title = Remove this question?
question-remove-lead = Its candidates are removed with it. This cannot be undone.
question-remove-button = Remove the question
methods-title = How is it counted?
methods-lead = What matters is how many are elected, and what voters can say on their ballot.
methods-good-for = Good for:
methods-button = Go on
methods-for-one = One person or one option
methods-for-several = A council or board that mirrors its voters
methods-for-texts = A text
method-plurality = Most votes
method-plurality-does = Every mark is one vote, and those with the most votes are elected.
method-plurality-good = a choice between two, or where nothing may need explaining.
method-approval = Approval
method-approval-does = Everybody marks all they approve of, and those with the most approvals are elected.
method-approval-good = a quick choice among many, such as a date, a name or a chair.
method-cumulative = Several votes to share out
method-cumulative-does = Every ballot has several votes, also for one candidate, and those with the most votes are elected.
method-cumulative-good = a board on which a minority that agrees shall be able to win a seat.
method-score = Scores
method-score-does = Everybody scores every candidate, and those with the highest sums are elected.
method-score-good = rating proposals or applications, where it matters how much each is liked.
method-star = Scores with a run-off
method-star-does = The two with the highest sums of scores go into a run-off, and whoever more ballots score higher wins.
method-star-good = a chair or another single seat among several candidates, by scores from 0 to 5.
method-borda = Points by rank
method-borda-does = Every rank is worth points, and those with the most points are elected.
method-borda-good = ordering proposals, or finding somebody acceptable to most, among people who do not vote by tactics.
method-irv = Ranking, one winner
method-irv-does = Everybody ranks candidates; the last is eliminated and their ballots move to the next choice, until one has a majority.
method-irv-good = a president or another single seat with more than two candidates.
method-wigm = Ranking, several seats (weighted Gregory)
method-wigm-does = Everybody ranks candidates; votes beyond a quota, and those of the last, move on to the next choice.
method-wigm-good = councils and boards whose statutes name this rule.
method-scottish-stv = Ranking, several seats
method-scottish-stv-does = Everybody ranks candidates; votes beyond a quota, and those of the last, move on to the next choice, as in Scotland.
method-scottish-stv-good = councils and boards of three or more that shall mirror those who elect them, by rules that can be counted by hand.
method-meek-stv = Ranking, several seats (Meek)
method-meek-stv-does = Everybody ranks candidates; whoever is elected keeps just the part of each vote that they need, and the rest moves on.
method-meek-stv-good = councils and boards that are counted by computer, where no vote shall weigh less because of the order of the count.
method-schulze = Comparison in pairs (Schulze)
method-schulze-does = Candidates are compared in pairs, and whoever wins along the strongest chains of comparisons is elected.
method-schulze-good = one seat or an order of proposals, where whoever beats every other one must win.
method-ranked-pairs = Comparison in pairs (ranked pairs)
method-ranked-pairs-does = Candidates are compared in pairs, and the clearest comparisons count first, unless one contradicts those before.
method-ranked-pairs-good = one seat or an order of proposals, where whoever beats every other one must win and people want to follow the count by hand.
method-motion = Motion
method-motion-does = Everybody says yes, no or abstain to a text, which passes with the majority that the rule names.
method-motion-good = one text on which everybody says yes or no.

## Pages: candidates

candidates-lead = The candidates of each question, in the order that you set. If you chose a rotated order, each ballot begins with another candidate.
candidates-none = Nobody stands here yet
candidates-none-hint = Add at least { $needed } candidates.
candidates-motion = A motion has no candidates: voters say yes or no, or abstain.
candidates-add = Add a candidate
candidates-change = Change
candidates-remove = Remove
candidates-up = Move { $name } up
candidates-down = Move { $name } down
candidates-draw = Draw the order by lot
candidates-preview = See them as voters do
candidates-only-name = only the name so far
candidates-fixed = Questions and candidates are fixed. Nobody can change the candidates and their texts any more, because every ballot is bound to them.
candidates-go-on = Go on to the voters
candidate-new = Add a candidate
candidate-change = Change a candidate
candidate-question = Stands for
candidate-name = Name
candidate-name-hint = As it shall stand on the ballot.
candidate-name-needed = Enter the name
candidate-party = Party or list
candidate-statement = Statement
candidate-statement-hint = Appears on the ballot below the name. Two or three sentences are best.
candidate-vision = Vision
candidate-vision-hint = What they want to achieve. On the ballot it is folded; voters can open it.
candidate-programme = Programme
candidate-programme-hint = What they want to do. On the ballot it is folded; voters can open it.
candidate-link = Link
candidate-link-hint = A page of their own. It begins with https://
candidate-photo = Photo
candidate-photo-hint = JPEG, PNG or WebP, at most 5 MB. It is stored smaller, without the place and the time at which it was taken.
candidate-photo-remove = Remove the photo
candidate-pdf = Programme as PDF
candidate-pdf-hint = At most 5 MB. Voters can save it.
candidate-pdf-now = Look at the PDF that is stored
candidate-pdf-remove = Remove the PDF
candidate-choose-file = Choose a file, or drop it here.
candidate-button = Save
candidate-rest-is-saved = Everything else is saved.
candidate-files-again = Choose the file again: because of the mistake above it was not stored
candidate-remove-title = Remove this candidate?
candidate-remove-lead = What is said of them is deleted, with photo and PDF. This cannot be undone.
candidate-remove-button = Remove the candidate
draw-title = Draw the order by lot?
draw-lead = The candidates of this question get an order by chance, in the place of the one they have now.
draw-logged = The history of this election stores the draw with the number it was made from, so that everybody can repeat it. It stores every draw, also when you draw again.
draw-button = Draw the order
candidates-preview-title = As voters see them
candidates-preview-lead = This is how the candidates appear on the ballot, without the marks.
candidates-back = Back to the candidates
ballot-more = More about { $name }
ballot-vision = Vision
ballot-programme = Programme
ballot-link = Their own page
ballot-new-tab = (opens in a new tab)
ballot-programme-file = Programme as PDF
ballot-withdrew = (withdrew and cannot be elected)

## Pages: voters

voters-import = Import voters
voters-add = Add one voter
voters-send = Send voting links
voters-remind = Send reminders
voters-download = Download the roll (CSV)
voters-none = No voters yet
voters-none-text = Import a file, paste lines, or add voters one by one. Nobody gets a mail before you send the links.
voters-waiting =
    { $voters ->
        [0] A file waits until { $time }, but no voter in it is new.
        [one] A file with 1 new voter waits to be confirmed, until { $time }.
       *[other] A file with { $voters } new voters waits to be confirmed, until { $time }.
    }
voters-waiting-look = Look at it
voters-bounced =
    { $mails ->
        [one] The mail with the link of 1 voter came back.
       *[other] The mails with the links of { $mails } voters came back.
    }
voters-bounced-text = They have no link that works. Correct the address, or send the link again.
voters-bounced-show = Show these voters
voters-waiting-mails =
    { $mails ->
        [one] 1 mail is still on its way.
       *[other] { $mails } mails are still on their way.
    }
voters-unsent =
    { $voters ->
        [one] 1 voter was sent no link yet.
       *[other] { $voters } voters were sent no link yet.
    }
voters-all-sent = Every voter was sent a link.
voters-sending = Links are being sent.
voters-search = Search
voters-search-hint = A part of an address, a name or a student number.
voters-search-button = Search
voters-filter = Mail with the link
voters-filter-all = All
voters-show-all = Show all voters
voters-nobody-found = No voter fits
voters-nobody-found-text = Search for something else, or show all voters.
voters-caption = Voters on the roll
voters-name = Name
voters-first-name = First name
voters-last-name = Last name
voters-student-id = Student number
voters-cohort = Year or class
voters-mail = Mail with the link
voters-change = Change
voters-next-page = Next page
voters-first-page = First page
voters-are-fixed = Voting has ended: the roll stays as it is, and what became of each mail is not known any more.
voters-are-added = The voter is on the roll.
voters-are-imported =
    { $voters ->
        [one] 1 voter was added to the roll.
       *[other] { $voters } voters were added to the roll.
    }
voters-are-discarded = The file is discarded. Nothing of it is on the roll.
voters-is-removed = The voter is off the roll.
voters-links-sent =
    { $voters ->
        [0] Nobody was without a link.
        [one] 1 link is on its way.
       *[other] { $voters } links are on their way.
    }
voters-reminders-sent = The reminders are on their way.
voter-mail-none = no link sent
voter-mail-queued = on its way
voter-mail-deferred = will be tried again
voter-mail-sent = sent
voter-mail-refused = came back
voter-mail-forgotten = not known any more
voter-new-title = Add one voter
voter-new-button = Add the voter
voter-email-needed = Enter the mail address
voter-reason = Why this voter comes late
voters-reason = Why these voters come late
voter-reason-hint = Voting is open. Every voter can read this reason, so it should name nobody.
voter-reason-needed = Enter a reason. Every voter can read it
voter-title = { $voter }
voter-correct = Correct the entry
voter-correct-quiet = No link was sent to this voter yet, so nobody gets a mail about it.
voter-correct-loud = With another address the old link stops working at once. A new link goes to the new address, and a mail to the old address says that it was changed. Another name or number mails nobody.
voter-correct-button = Save
voter-is-corrected = The entry is corrected.
voter-resend = Send the link again
voter-resend-first = Send a link to this voter
voter-resend-text = A mail with a new link goes to { $email }, and the old link stops working. Whoever has voted gets a notice instead; you do not learn which. A link can be sent again three times.
voter-resend-first-text = A mail with a link goes to { $email }.
voter-resend-button = Send the link
voter-is-resent =
    { $left ->
        [0] A mail is on its way. It was the last one for this voter.
        [one] A mail is on its way. The link can be sent again once.
       *[other] A mail is on its way. The link can be sent again { $left } times.
    }
voter-remove = Take off the roll
voter-remove-title = Take this voter off the roll?
voter-remove-quiet = { $voter } cannot vote then. A link that was sent stops working, and nobody gets a mail about it.
voter-remove-open = { $voter } cannot vote then. Voting is open: every voter can read that somebody was taken off the roll. It is possible only for somebody who was sent no link and has no student number.
voter-remove-button = Take off the roll
voter-back = To all voters
import-title = Import voters
import-lead = First you see what is in the file. Nobody is on the roll until you confirm it.
import-replaces = Another file still waits. A new one takes its place.
import-file = From a file
import-file-label = CSV or XLSX file
import-file-drop = Choose a file, or drop it here.
import-file-hint = The first line names the columns: email, and if you like first_name, last_name, student_id and cohort (year or class). At most 20 MB and 200,000 lines.
import-file-button = Look at the file
import-file-needed = Choose a file
import-file-too-large = The file is larger than 20 MB. Split it and import the parts one after the other
import-file-unreadable = The file did not arrive as a whole. Choose it again
import-file-busy = Too many files are being read at the moment. Choose the file again in a few seconds
import-template = Download a template
import-paste = From lines that you paste
import-paste-label = One voter on each line
import-paste-hint = The address alone. Or address, first name, last name, student number, year, with commas between them or as copied from a spreadsheet.
import-paste-button = Look at the lines
import-paste-needed = Paste at least one line
import-by-hand = Add one voter by hand
preview-eyebrow = Nothing is imported yet
preview-title = Look at the file first
preview-sheet = The sheet “{ $sheet }” was read.
preview-other-sheets = Not read: { $sheets }.
preview-ignored = These columns mean nothing here and are passed over: { $columns }.
preview-until = The file waits for your confirmation until { $time }. Then it is deleted, and nothing of it is imported.
preview-kinds = Lines of the file
preview-count = { $lines }
preview-new = ready to import
preview-rejected = with a mistake
preview-duplicate = on the roll already, or twice in the file
preview-list-new = Lines that are ready
preview-list-rejected = Lines with a mistake
preview-list-duplicate = Lines that are left out
preview-line = Line
preview-wrong = What is wrong
preview-why = Why it is left out
preview-cell-empty = empty
preview-more = More lines
preview-none = There is no such line.
preview-download = Download the lines with a mistake
preview-download-hint = with the reasons, to correct them and import them later
preview-another = Choose another file
preview-confirm =
    { $voters ->
        [one] Import 1 voter
       *[other] Import { $voters } voters
    }
preview-left-out =
    { $lines ->
        [0] No line is left out.
        [one] 1 line is left out.
       *[other] { $lines } lines are left out.
    }
preview-nothing-new = No line is a new voter, so there is nothing to import.
preview-discard = Discard the file
preview-over-title = This file waits no longer
preview-over = Its hour is over, or it was confirmed, discarded or replaced by another file. Nothing more of it is imported. Look at the roll, or choose the file again.
preview-over-again = Import voters
send-title =
    { $voters ->
        [one] Send 1 voting link?
       *[other] Send { $voters } voting links?
    }
send-title-none = Nobody is without a link
send-none = Everybody on the roll was sent a link. Whom you add later gets one when you send again.
send-roll-empty = Nobody is on the roll yet. Import the voters first.
send-text = Everybody on the roll who was sent no link gets a mail with a link of their own. A mail cannot be called back.
send-before-opening = The links work once voting is open. Until then they say when it opens.
send-not-activated = The election is still a draft: you can still change everything after the links are sent.
send-roll = On the roll
send-earlier = Were sent a link
send-now = Get a link now
send-button =
    { $voters ->
        [one] Send 1 link
       *[other] Send { $voters } links
    }
send-closed = Voting has ended: no more links are sent.
remind-title = Remind everybody who has not voted?
remind-text = Everybody who was sent a link and has not voted gets a mail with a new link, and the old one stops working. How many they are is not said: it would tell who has voted. Whoever wants no more reminders gets none.
remind-button = Send the reminders
remind-later = Reminders can be sent while voting is open.
sent-title = What was sent
sent-when = When
sent-what = What
sent-links =
    { $voters ->
        [one] a voting link to 1 voter
       *[other] voting links to { $voters } voters
    }
sent-reminders = reminders to those who had not voted
sent-nothing = Nothing was sent yet.

## Pages: check and open

check-lead = U-Vote has checked everything. First correct what stops the opening, then look at the warnings.
check-lead-open = We went through everything once more.
check-stopped = The election cannot open yet.
check-stopped-by =
    { $count ->
        [one] 1 thing must be corrected first.
       *[other] { $count } things must be corrected first.
    }
check-nothing = Nothing has to be corrected.
check-findings = What we found
check-stops = Stops the opening:
check-warns = Warning:
check-to-details = Change the times
check-to-questions = To the questions
check-to-candidates = To the candidates
check-to-voters = To the voters
check-to-refused = Show these voters
check-to-send = Send the links
check-to-account = To the account
check-as-voter = See it as a voter
check-ballot = Open the test ballot
check-ballot-hint = It looks as voters see it, and counts nowhere.
check-mail = The mail with the link
check-mail-hint = This is how it reads. Each voter gets their own name and link.
check-mail-subject = Subject
check-mail-text = Text
check-mail-unknown = The mail cannot be shown at the moment.
check-test = Send yourself a test mail
check-test-text = The mail goes to { $email }, as voters get it, and says that it is a test. Its link leads to the test ballot.
check-test-button = Send the test mail
check-test-sent = The test mail is on its way to you.
check-not-yet = Possible once nothing stops the opening.
test-ballot-title = Test ballot
test-ballot-note = This is a test ballot. It counts nowhere.
test-ballot-more = You see what voters see. Whatever you mark here is not recorded.
test-ballot-empty = There is no question to vote on yet, or nobody stands in it.
test-ballot-done = Nothing was recorded
test-ballot-marks = A voter would have cast this ballot:
test-ballot-blank = blank
test-ballot-again = Mark it once more
test-ballot-back = Back to the check
opening-fixed-questions = The questions, their rules and the candidates, with everything that voters read about them
opening-fixed-times = Title, description, time zone, language and the opening. The end can only be moved later, and every voter can read why
opening-fixed-roll = The roll, but only when voting opens: until then you can still change it. Afterwards voters can only be added with a reason that everybody can read
opening-fixed-ballots = Every ballot that is cast. Nobody can change it or take it back, not even you

check-go-on = Go on to opening
opening-title = Open the election?
opening-title-done = The election is activated
opening-opens = Opens
opening-closes = Closes
opening-fixed = What is fixed as soon as you press the button
opening-never-undone = This cannot be undone: as soon as you press the button, nobody can change what a ballot depends on, also when voting opens only later.
opening-button = Open it now
opening-button-planned = Open it at the planned time

## Pages: watch and close

page-refresh = Refresh
watch-title = Voting is open
watch-title-early = Voting has not opened yet
watch-title-over = Voting has ended
watch-left = Time left
watch-by-hand = open until you close it
watch-ends-now = it is ending now
watch-rounded = While voting is open this number is counted once a minute and rounded down to a multiple of five. So nobody, not even you, can tell from it whether somebody has voted.
watch-is-live = The number and the time stay up to date by themselves.
watch-too-many = Too many pages are being kept up to date at the moment. This one asks now and then instead
watch-is-over = Voting has ended. Follow the counting
watch-opens = Opens
watch-problems = What you should do
watch-mails = Mails with links
watch-mails-refused =
    { $mails ->
        [one] 1 mail came back: this voter has no link
       *[other] { $mails } mails came back: these voters have no link
    }
watch-mails-refused-advice = Correct the address, and a new link is sent to it.
watch-mails-refused-link = See which
watch-mails-deferred =
    { $mails ->
        [one] 1 mail was not taken yet and is tried again
       *[other] { $mails } mails were not taken yet and are tried again
    }
watch-mails-queued =
    { $mails ->
        [one] 1 mail waits to be sent
       *[other] { $mails } mails wait to be sent
    }
watch-mails-none =
    { $voters ->
        [one] 1 voter was not sent a link by you
       *[other] { $voters } voters were not sent a link by you
    }
watch-mails-sent =
    { $mails ->
        [one] 1 mail with a link was sent
       *[other] { $mails } mails with links were sent
    }
watch-mails-unknown = What became of the mails cannot be shown at the moment
watch-remind = Remind voters
watch-remind-lead = Everybody who was sent a link and has not voted gets a mail with a new link. The older link stops working. Those who asked for no more reminders get none. You are not told how many are reminded: it would tell who has voted.
watch-changes = Changes since the opening
watch-changes-lead = Every voter reads them, with their reasons.
watch-no-changes = Nothing was changed.
watch-move-end = Move the end of voting later
watch-withdraw = Announce that a candidate withdraws
watch-add-voter = Add a forgotten voter
watch-close = Close voting now
amendment-line = { $what } ({ $time }): { $reason }
amendment-voters-added =
    { $voters ->
        [one] 1 voter added
       *[other] { $voters } voters added
    }
amendment-voters-removed =
    { $voters ->
        [one] 1 voter removed
       *[other] { $voters } voters removed
    }
amendment-end-moved = Voting ends on { $time }
amendment-resumed = Voting had been halted, because recorded ballots were missing from the ballot box, and was resumed
end-title = Move the end of voting later?
end-now = Present end
end-new = New end
end-new-hint = A day and a time in { $zone }, later than the present end.
end-reason = Reason
end-reason-hint = Every voter reads it, and it stands in the minutes.
end-what = Links that were not used work until the new end. Voters read the new end with their ballot. You can move the end later again, but never earlier.
end-button = Move the end
end-needed = Enter a time after { $time }
end-reason-needed = Enter a reason
end-none = No end is set: voting stays open until you close it.
end-moved = The end of voting was moved.
withdraw-title = Does a candidate withdraw?
withdraw-who = Who
withdraw-who-hint = Also for somebody who died or may not stand any more.
withdraw-what = The ballot is fixed, so the name stays on it, with a note. The count skips this candidate, also on ballots that were cast before. This cannot be undone.
withdraw-button = Announce it
withdraw-needed = Choose who withdraws
withdraw-nobody = There is nobody who could withdraw.
withdraw-choose = Choose
withdraw-done = It is announced.
candidate-in-question = { $candidate } ({ $question })
closing-title = Close the election now?
closing-title-early = Closing comes after voting
closing-title-done = Voting has ended
closing-title-counted = Voting has ended and is counted
closing-opened-of = { $done } of { $total } opened
closing-never-undone = Nobody can vote afterwards, and it cannot be undone. Then the ballots are counted.
closing-early = The planned end is { $time }. Closing now ends voting before it.
closing-button = Close the election
closing-again = Try again
closing-steps = Closing
closing-step-ends = Voting ends
closing-step-ends-line = Ballots that were begun may arrive until { $time }
closing-step-seal = The ballot box is sealed
closing-step-seal-line =
    { $ballots ->
        [one] 1 ballot
       *[other] { $ballots } ballots
    }
closing-step-roll = The roll is written anew
closing-step-roll-line = Nothing on it tells when somebody voted
closing-step-ballots = The ballots are opened
closing-step-result = The result
closing-step-result-published = published
closing-step-result-together = appears by itself
closing-step-result-manual = appears when you publish it
closing-step-stopped = stopped
closing-goes-on = It goes on by itself, also when you close this page.
closing-reason = Reason: { $reason }.
closing-next = { $next }.
closing-to-result = Go on to the result
closing-commitment = Commitment (hash of the sealed ballot box)

## Pages: the result, for everybody and for its organiser

result-of = Result: { $title }
result-turnout =
    { $ballots ->
        [one] 1 ballot is in the box. { $voted } of { $roll } voters used their right: a turnout of { $share } %.
       *[other] { $ballots } ballots are in the box. { $voted } of { $roll } voters used their right: a turnout of { $share } %.
    }
result-changed = Changed while the election went on
result-option = Option
result-candidate = Candidate
result-share = Share
result-bar = Bar
result-outcome = Outcome
result-rounds = Round by round. An empty cell means no votes
result-count = The count
result-order = The order of all candidates, best first:
result-events = What happened in the count
result-ballots = { $sentence } Ballots: { $valid } valid, { $blank } blank, { $invalid }.
result-none-invalid = none invalid
result-some-invalid = invalid: { $kinds }
result-hundred = 100 % is the most that one choice could get from all valid ballots.
result-check = Does the result match the sealed ballots?
result-check-overdue = It did when it was last checked on { $checked }; the next check is overdue.
result-check-overdue-means = The stored ballots were in order then. Nobody knows whether anything was changed since. Whoever runs this installation can find out why it is not checked.
result-check-good = Yes, as far as the stored ballots can show. This was checked on { $checked }: the chain of { $ballots } ballots is unbroken. The ballots and the list of used rights are the same as when the box was sealed. Every ballot was opened and counted as it should.
result-check-bad = No: what is stored now is not what was sealed.
result-check-bad-means = Do not rely on this result before it is explained. This was found on { $checked }.
result-check-bad-before = The count on this page was made on { $counted }; everything was in order when it was checked on { $checked }.
result-box = Box commitment
result-box-ballots =
    { $ballots ->
        [one] 1 ballot
       *[other] { $ballots } ballots
    }
result-spent = List of used rights to vote
result-spent-rights = { $used } used rights to vote, of { $roll } voters on the roll
result-recording = Recording
result-recording-halts =
    { $halts ->
        [one] halted once because recorded ballots were missing, resumed { $resumptions } times
       *[other] halted { $halts } times because recorded ballots were missing, resumed { $resumptions } times
    }
result-log = The audit log of this installation
result-log-unsigned = The audit log of this installation is not signed at present: it is not what the audit service wrote, or the service cannot tell. The result above is checked without it. Ask who runs this installation what has happened.
result-log-first-bad = Entry { $entry } is the first that is not as it was written.
result-log-older = The lines below are of the newest entry that was signed; nobody vouches for later ones.
result-log-reached = Every change in this installation is an entry of its audit log. The log had reached entry { $entry } when this page was made. Keep these lines: with them anybody can ask later whether the log still has this entry, and all before it, as they were.
result-log-verified = The audit service last went through the whole log on { $verified } and found every entry as it was written.
result-log-ask = Check that the log still has this entry
result-log-hash = Hash of the entry, and of all before it
result-log-signed = Signed at { $signed }
result-data = The same as data, with every step of the count
result-csv = Table of the result (CSV)
result-rounds-csv = Table of the rounds (CSV)
result-column-question = Question
result-column-round = Round
result-column-percent = Percent

## Pages: the step of the result

result-page = To the public page of the result
result-publish = Publish the result
result-publish-title = Publish the result?
result-publish-lead = The result becomes public for everybody. This cannot be undone.
result-publish-unseen = Nobody sees a count before it is published, not even you.
result-not-yet = There is no result before the election is closed and its ballots are counted.
result-being-made = The result is published and is being checked. Look again in a few seconds.
result-public-since = Public since { $time }
result-minutes = Minutes to print
result-tell = Tell the voters
result-tell-lead = Everybody on the roll gets one mail with a link to the result. If you press the button again, nobody gets a second mail.
result-tell-button = Send the mails
result-told = The mails are on their way.
result-print = Print
archive-title = Archive this election?
archive-link = Archive it
archive-lead = An archived election stays readable, with its result. Nothing of it can be changed any more.
archive-button = Archive the election
archive-early = An election can be archived only after its result is published, because the result of an archived election cannot be published.
archive-is-done = This election is archived.
forget-title = When data is deleted
forget-at-close = At the close
forget-at-close-what = deleted: when links were sent, to whom a link was sent again, what became of each mail, and which voter an entry of the history is about
forget-later = Later
forget-after-days =
    { $days ->
        [one] 1 day after the archiving
       *[other] { $days } days after the archiving
    }
forget-what = deleted: mail addresses, names, student numbers and years or classes of all voters
forget-done = deleted on { $time }: mail addresses, names, student numbers and years or classes of all voters
forget-planned = { $time }
forget-never = Never
forget-never-what = stored for good: questions, candidates, the sealed ballots, the result and the history. None of these names a voter
forget-unknown = When personal data is forgotten cannot be shown at the moment.

## Pages: minutes

minutes-title = Minutes: { $title }
minutes-back = Back to the result
minutes-not-yet = The minutes can be printed when the result is published.
minutes-election = The election
minutes-name = Name
minutes-number = Number
minutes-description = Description
minutes-organiser = Organiser
minutes-organiser-unknown = cannot be shown at the moment
minutes-zone = Time zone of this page
minutes-printed = Printed
minutes-times = Times
minutes-created = Set up
minutes-activated = Voting opened
minutes-planned-end = Planned end
minutes-closed = Voting ended
minutes-sealed = Ballot box sealed
minutes-counted = Ballots counted
minutes-published = Result published
minutes-archived = Archived
minutes-questions = Questions and rules
minutes-passes = Required to pass
plain-number = { $number }
minutes-method = Counted by
minutes-seats = Seats
minutes-quorum = Quorum
minutes-majority = Required majority
minutes-ties = Ties
minutes-order = Order on the ballot
minutes-roll = Roll and turnout
minutes-roll-voters = Voters on the roll
minutes-roll-used = Rights to vote that were used
minutes-roll-ballots = Ballots in the box
minutes-roll-turnout = Turnout
minutes-percent = { $share } %
minutes-changes = Changes since the opening
minutes-result = Result
minutes-commitment = Commitment
minutes-commitment-lead = With these lines anybody can check later that rules and ballots are the same as on the day of this election.
minutes-manifest = Questions, rules and candidates (hash)
minutes-box = Sealed ballot box (hash)
minutes-box-signature = Signature over the box
minutes-spent = Used rights (hash of the list)
minutes-check = Check of the stored ballots
minutes-check-good = in order on { $time }
minutes-check-overdue = in order on { $time }; the next check is overdue
minutes-check-bad = not in order on { $time }; see the page of the result
minutes-log = Audit log
minutes-log-entry = entry { $entry }, signed on { $time }
minutes-signatures = Signatures
minutes-signatures-lead = The undersigned have compared these minutes with the published result.
minutes-place = Place and date
minutes-signer = Name and office
minutes-signature = Signature

## Pages: history

history-title = History
history-lead = What was done with this election, newest first. Nobody can change or remove an entry unnoticed.
history-kind = Show
history-button = Show
history-everything = Everything
history-preparation = Preparation
history-voters = Voters
history-mails = Mails
history-voting = Voting and its changes
history-count = Count and result
history-looks = Who looked at data
history-when = When
history-who = Who
history-what = What
history-system = U-Vote itself
history-organiser = Organiser number { $number }
history-voter = Voter: { $name }
history-voter-forgotten = Which voter it was is not known any more
history-from = from { $address }
history-none = No entries
history-none-text = Nothing of this kind was done yet.
history-older = Older entries
history-newest = To the newest entries
history-download = Download
history-download-lead = Downloads name organisers and no voter: a file would keep the names after they are forgotten here.
history-csv = History (CSV)
history-json = History with its hashes (JSON)
history-number = Number
history-kind-column = Kind
event-unknown = Something was done that this page has no words for: { $kind }.
event-admin-registered = Somebody registered.
event-admin-logged-in = Logged in.
event-admin-logged-out = Logged out.
event-account-locked = An account was locked after wrong passwords.
event-account-unlocked = An account was unlocked.
event-address-verified = The mail address was verified.
event-password-changed = The password was changed.
event-password-reset = A forgotten password was replaced.
event-admin-invited = Somebody was invited.
event-invitation-revoked = An invitation was taken back.
event-superadmin-made = Somebody was made a superadmin.
event-election-created = The election was set up with the title “{ $title }”.
event-election-copied = The election “{ $title }” was made as a copy of election number { $copied_from }; candidates that came along: { $candidates }.
event-election-updated = Changed: { $members }.
event-election-deleted = The election “{ $title }” was deleted.
event-election-activated =
    { $contests ->
        [one] The election was opened. From then on 1 question and { $candidates } candidates are fixed.
       *[other] The election was opened. From then on { $contests } questions and { $candidates } candidates are fixed.
    }
event-election-scheduled =
    { $contests ->
        [one] 1 question and { $candidates } candidates were fixed. Voting opens by itself: { $time }.
       *[other] { $contests } questions and { $candidates } candidates were fixed. Voting opens by itself: { $time }.
    }
event-election-opened = Voting was opened.
event-election-opened-unsent =
    { $voters ->
        [one] Voting was opened. 1 voter had not been sent a link.
       *[other] Voting was opened. { $voters } voters had not been sent a link.
    }
event-opening-postponed-roll = Voting did not open at its time, because nobody was on the roll.
event-opening-postponed-end = Voting did not open, because its end had passed.
event-closing-time-moved = The end of voting was moved from { $from } to { $to }. Reason: { $reason }
event-election-closed =
    { $ballots ->
        [one] Voting ended with 1 ballot.
       *[other] Voting ended with { $ballots } ballots.
    }
event-recording-halted = Voting was halted, because recorded ballots were missing from the ballot box.
event-recording-resumed = Voting was resumed. Reason: { $reason }
event-box-sealed =
    { $ballots ->
        [one] The ballot box was sealed with 1 ballot of { $roll } voters.
       *[other] The ballot box was sealed with { $ballots } ballots of { $roll } voters.
    }
event-participation-rewritten = The roll was written anew, so that nothing on it tells when somebody voted. Used rights: { $used }.
event-ballots-opened = The ballots were opened: { $ballots }. Could not be opened: { $invalid }.
event-results-published = The result was published.
event-tally-failed = The counting stopped. Reason: { $reason }
event-tally-retried = The counting was tried again.
event-election-archived = The election was archived.
event-candidate-withdrawn = It was announced that { $name } withdraws. Reason: { $reason }
event-candidate-added = The candidate { $name } was added.
event-candidate-updated = The candidate { $name } was changed.
event-candidate-removed = The candidate { $name } was removed.
event-candidates-drawn = The order of { $candidates } candidates was drawn by lot, from the number { $seed }.
event-voter-added = A voter was added.
event-voters-added-late =
    { $voters ->
        [one] 1 voter was added late. Reason: { $reason }
       *[other] { $voters } voters were added late. Reason: { $reason }
    }
event-voter-corrected = The details of a voter were corrected.
event-voter-corrected-address = The address of a voter was corrected, and a new link was sent to it.
event-voters-imported = Voters were imported: { $imported }. Already on the roll: { $duplicates }. Lines that could not be taken: { $rejected }.
event-voter-removed = A voter was removed.
event-voting-links-sent = Links were sent to voters: { $queued }. Had one already: { $before }.
event-voting-link-resent = A voter was sent a new link.
event-reminders-sent = Voters who had not voted were reminded. How many is not recorded.
event-used-notices-sent = Voters whose right to vote was used were told so by mail: { $queued }.
event-results-links-sent = Voters were told about the result by mail: { $queued }.
event-test-mail-sent = A test mail was sent to the organiser.
event-voters-viewed = The roll was looked at.
event-election-anonymised = Personal data of voters was deleted. Voters: { $voters }.
event-results-viewed = The result was looked at.
event-audit-log-accepted = The audit log was accepted as it is by whoever runs this installation. Reason: { $reason }
event-audit-viewed = This history was looked at.
member-title = title
member-description = description
member-opens-at = when voting opens
member-closes-at = when voting ends
member-locale = language
member-timezone = time zone
member-profile = how ballots are made
member-publish = when the result appears
member-contests = questions
