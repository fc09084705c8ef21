//! Passwords that are tried first.

use crate::name;

/// Words and phrases that passwords are built from when people must make one quickly: what software ships with, what a
/// clinic's wall says, keyboard figures, months, names of teams. Lower case, without spaces.
const WORDS: &str = "
password passwort passwd pass passcode passphrase passme parola contrasena motdepasse wachtwoord haslo salasana heslo
secret topsecret mysecret geheim secure security secured private hidden unlock unlocked open opensesame sesame letmein
letmeinnow letin enter entry access accessgranted login logon logmein signin welcome welcomeback welcomehome hello
helloworld hellohello hi goodmorning goodbye changeme changeit changethis changenow pleasechange newpassword newpass
mypassword mypass ourpassword thepassword thisismypassword yourpassword nopassword one default temp temporary
temppass initial start startup first firsttime test testing tester test123 testtest demo demouser example sample trial
guest visitor user username users anyone everyone nobody admin administrator administration adminadmin root rootroot
superuser sysadmin system supervisor manager operator owner staff service support helpdesk itsupport backup server
computer desktop laptop workstation windows linux debian ubuntu internet network office outlook google apple samsung
oracle cisco database security1 cloister vault keyring sesameopen qwerty qwertz azerty qwertyuiop qwerty123 qwer asdf
asdfgh asdfghjkl zxcv zxcvbn zxcvbnm yxcvbnm qazwsx qazwsxedc wsxedc qweasd qweasdzxc 1qaz2wsx 1qaz2wsx3edc 1q2w3e
1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y zaq12wsx q1w2e3r4 q1w2e3r4t5 a1b2c3d4 a1b2c3d4e5f6 abc123 abcd1234 aa123456 123abc
iloveyou iloveu loveyou loveme lovely love forever always together family mother father mommy daddy mama papa sister
brother baby babygirl babyboy sweetheart honey sugar darling angel angels princess prince queen king kingdom princesa
beautiful pretty sunshine sunflower sunny rainbow butterfly flower flowers blossom rose daisy lily jasmine summer
winter spring autumn fall january february march april may june july august september october november december monday
tuesday wednesday thursday friday saturday sunday weekend holiday vacation christmas easter halloween birthday newyear
happy happyday lucky smile smiley freedom peace hope faith grace blessed blessing heaven jesus jesuschrist christ god
godisgood bible church amen dragon dragons monkey tiger lion panther eagle eagles falcon hawk wolf bear horse pony
mustang unicorn dolphin turtle puppy kitty kitten doggy cat dog buddy max bella charlie daisy1 cookie cookies chocolate
candy cupcake banana apple1 orange lemon cherry strawberry peaches coffee pizza cheese pepper ginger vanilla whiskey
football baseball basketball softball hockey soccer tennis golf cricket rugby volleyball swimming champion champions
winner player playboy liverpool chelsea arsenal barcelona realmadrid juventus bayern manchester united cowboys yankees
lakers steelers patriots packers broncos superman batman spiderman ironman wonderwoman starwars startrek pokemon
pikachu mario zelda minecraft fortnite matrix harrypotter hogwarts gandalf frodo godzilla phoenix merlin wizard ninja
samurai pirate hunter ranger knight warrior master shadow ghost killer trustno1 trustnoone whatever nothing something
anything everything blahblah blink182 metallica nirvana eminem beatles music guitar piano dancer dance rockstar disco
michael jennifer jessica ashley amanda daniel joshua matthew andrew anthony robert william thomas james john david
richard charles joseph george jordan michelle nicole elizabeth samantha hannah sophie emily olivia maria anna martin
thomas1 stephanie patrick alexander benjamin christian jonathan
hospital hospitals clinic clinical praxis surgery surgeon doctor doctors physician nurse nurses nursing medic medical
medicine medicines pharmacy pharmacist patient patients health healthcare care caring ward emergency ambulance
cardiology cardio neurology oncology radiology radiologist xray mri ultrasound pathology pediatrics paediatrics
psychiatry psychology dermatology orthopedics anesthesia intensive therapy therapist dentist dental laboratory lab
research researcher science study trials record records report reports notes dictation transcript visit visits stethoscope
reception receptionist registry archive
correcthorsebatterystaple correcthorse batterystaple thequickbrownfox quickbrownfox maytheforcebewithyou tobeornottobe
nevergonnagiveyouup ilovemyfamily ilovemydog ilovemycat ilovemywife ilovemyhusband iloveyousomuch iloveyouforever
thisisapassword thisisasecret passwordpassword1 notapassword incorrect passwordincorrect yourpasswordiswrong
goodluck onetwothree onetwothreefour london berlin paris madrid vienna zurich newyork boston chicago texas california
florida america american canada england ireland scotland germany deutschland france italia espana brasil mexico india
australia
";

/// Sequences that fingers or children follow; a step along one, either way, adds next to nothing.
const SEQUENCES: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "yxcvbnm,.-",
    "!@#$%^&*()_+",
];

/// Whether a normalised password is a common one: one or two listed words, a run along a sequence or a repetition,
/// whatever case, digit-for-letter swaps and trimmings it wears.
pub(crate) fn is_common(password: &str) -> bool {
    let folded: Vec<char> = password.chars().flat_map(char::to_lowercase).filter(|c| *c != ' ').collect();
    let trimmed = trim(&folded, |c| c.is_alphabetic());
    let swapped: Vec<char> = trimmed.iter().map(|c| letter_for(*c)).collect();
    let letters: Vec<char> = swapped.iter().copied().filter(|c| c.is_alphanumeric()).collect();
    let alphanumeric = trim(&folded, |c| c.is_alphanumeric());
    [folded.as_slice(), alphanumeric, trimmed, &swapped, &letters]
        .into_iter()
        .any(|form| is_listed(form) || is_pair(form) || unit(form).is_some_and(|u| u.len() <= 4 || is_listed(u)))
        || is_run(&folded)
        || is_run(trimmed) && trimmed.len() >= 5
}

/// Whether what is left of the password without the words of the account's name is fewer than 8 characters.
pub(crate) fn is_like_name(password: &str, account: &str) -> bool {
    let mut rest: String = name::fold(password).chars().filter(|c| c.is_alphanumeric()).collect();
    let mut found = false;
    for part in name::fold(account).split(|c: char| !c.is_alphanumeric()).filter(|p| p.chars().count() >= 3) {
        found |= rest.contains(part);
        rest = rest.replace(part, "");
    }
    found && rest.chars().count() < 8
}

fn is_listed(form: &[char]) -> bool {
    form.len() >= 3 && WORDS.split_ascii_whitespace().any(|word| word.chars().eq(form.iter().copied()))
}

/// Two listed words on end.
fn is_pair(form: &[char]) -> bool {
    (3..form.len().saturating_sub(2)).any(|at| is_listed(&form[..at]) && is_listed(&form[at..]))
}

/// The shortest part that, repeated at least twice (the last time perhaps cut short), gives the whole.
fn unit(form: &[char]) -> Option<&[char]> {
    (1..=form.len() / 2).find(|n| form.iter().zip(&form[*n..]).all(|(a, b)| a == b)).map(|n| &form[..n])
}

/// At least four of five steps go along a sequence or stay where they are.
fn is_run(form: &[char]) -> bool {
    let steps = form.len().saturating_sub(1);
    let easy = form.windows(2).filter(|w| w[0] == w[1] || follows(w[0], w[1]) || follows(w[1], w[0])).count();
    steps >= 4 && easy * 5 >= steps * 4
}

fn follows(a: char, b: char) -> bool {
    SEQUENCES.iter().any(|s| s.chars().zip(s.chars().skip(1)).any(|pair| pair == (a, b)))
}

fn trim(form: &[char], keep: impl Fn(char) -> bool) -> &[char] {
    let start = form.iter().position(|c| keep(*c)).unwrap_or(form.len());
    let end = form.iter().rposition(|c| keep(*c)).map_or(start, |i| i + 1);
    &form[start..end]
}

fn letter_for(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '8' => 'b',
        '3' | '\u{20ac}' => 'e',
        '1' | '!' | '|' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' | '+' => 't',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::{WORDS, is_common};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_list_holds_each_entry_once_in_the_form_that_is_compared() {
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        let distinct: BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(words.len(), distinct.len());
        assert!(words.len() > 500, "{}", words.len());
        assert!(words.iter().all(|w| w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic(text in any::<String>()) {
            is_common(&text);
        }

        #[test]
        fn sixteen_random_letters_are_not_common(text in "[a-zA-Z0-9]{16}") {
            prop_assert!(!is_common(&text), "{}", text);
        }
    }
}
