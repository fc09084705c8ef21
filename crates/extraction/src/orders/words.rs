//! What gives an order to a program away, in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish.
//! A star stands for any ending.

/// Marks of chats and prompts. No report has a use for them.
pub(super) const MARKS: &[&str] = &[
    "<|", "</report", "<report>", "[inst]", "[/inst]", "<<sys>>", "<</sys>>", "<!--", "<system>", "</system>",
    "<assistant>", "</assistant>", "<user>", "</user>", "<start_of_turn>", "<end_of_turn>", "### instruction",
    "### response", "### system", "###instruction", "###response", "###system",
];

/// Who is spoken to.
pub(super) const PROGRAM: &[&str] = &[
    // English
    "ai", "assistant", "assistants", "bot", "chatbot", "chatgpt", "extractor", "gpt", "llm", "llms", "model",
    "parser", "system",
    // German
    "assistent*", "extraktor", "ki", "modell", "sprachmodell",
    // French
    "extracteur", "ia", "modèle", "système",
    // Spanish and Portuguese
    "asistente", "extractor", "modelo", "sistema",
    // Italian
    "assistente", "estrattore", "modello",
    // Dutch
    "systeem",
    // Polish
    "asystent*", "ekstraktor*", "modelu", "systemie", "systemu", "sztucznej",
];

/// What may stand beside the program's name before a colon.
pub(super) const ADDRESS: &[&str] = &[
    // English
    "a", "an", "attention", "command", "dear", "for", "hint", "important", "instruction", "instructions",
    "language", "message", "note", "notice", "order", "override", "prompt", "request", "the", "this", "to",
    "update", "any", "all", "processing", "reading", "extraction", "automatic", "automated", "data",
    "software",
    // German
    "achtung", "anweisung", "befehl", "bitte", "das", "dem", "den", "der", "die", "für", "hinweis", "nachricht",
    "wichtig",
    // French
    "au", "aux", "avis", "consigne", "consignes", "de", "du", "l", "la", "langage", "le", "les", "ordre", "pour",
    "à",
    // Spanish
    "al", "aviso", "el", "instrucción", "instrucciones", "lenguaje", "mensaje", "nota", "orden", "para",
    // Italian
    "alla", "avviso", "il", "istruzione", "istruzioni", "messaggio", "ordine", "per",
    // Portuguese
    "ao", "instrução", "instruções", "linguagem", "mensagem", "o", "à",
    // Dutch
    "aan", "bericht", "de", "het", "instructie", "opdracht", "taalmodel", "voor",
    // Polish
    "dla", "do", "instrukcja", "komunikat", "polecenie", "uwaga", "wiadomość",
];

/// Takes back what the program was told.
pub(super) const FORGET: &[&str] = &[
    // English
    "bypass", "discard", "disregard", "forget", "ignore", "ignoring", "neglect", "override", "overrule",
    // German
    "ignoriere", "ignorieren", "ignoriert", "missachte", "vergessen", "vergiss", "vergesst", "verwirf",
    // French
    "ignorez", "oublie", "oubliez", "négligez",
    // Spanish
    "descarta", "descarte", "ignora", "ignorad", "olvida", "olvide", "olvidad",
    // Italian
    "dimentica", "dimenticare", "dimenticate", "ignorare", "ignorate", "ignori", "trascura",
    // Portuguese
    "desconsidere", "esqueça", "esquece", "ignorem",
    // Dutch
    "negeer", "vergeet",
    // Polish
    "ignoruj", "pomiń", "zapomnij", "zignoruj",
];

/// What it was told, or given to read.
pub(super) const RULES: &[&str] = &[
    // English
    "command", "commands", "constraint*", "directive*", "guideline*", "instruction*", "prompt*", "rules", "schema",
    "text",
    // German
    "anweisung*", "befehl*", "regeln", "vorgabe*",
    // French
    "consigne*", "directive*", "règles", "texte",
    // Spanish
    "instruccion*", "reglas", "texto",
    // Italian
    "istruzion*", "regole", "testo",
    // Portuguese
    "instruç*", "regras",
    // Dutch
    "instructie*", "opdracht*", "regels", "tekst",
    // Polish
    "instrukcj*", "polece*", "zasad*", "tekst*",
];

/// That something was said before.
pub(super) const BEFORE: &[&str] = &[
    "above", "earlier", "foregoing", "former", "initial", "original", "preceding", "previous", "prior",
    "bisherigen", "obigen", "vorherigen", "vorigen", "antérieures", "précédentes", "anteriores", "previas",
    "precedenti", "eerdere", "vorige", "poprzednie", "wcześniejsze",
];

/// That it holds no longer.
pub(super) const NO_LONGER: &[&str] = &[
    "no longer", "are void", "are invalid", "are cancelled", "are obsolete", "nicht mehr", "ungültig", "aufgehoben",
    "ne sont plus", "ne s'appliquent plus", "ya no", "non sono più", "non valgono più", "já não", "não são mais",
    "niet meer", "nie obowiązują",
];

/// Where an address names to whom it goes.
pub(super) const TOWARDS: &[&str] = &[
    "to", "for", "an", "für", "au", "aux", "pour", "à", "al", "para", "alla", "per", "ao", "aan", "voor", "dla",
    "do",
];

/// Programs that nobody is unless he plays one.
pub(super) const PLAYED: &[&str] = &[
    "ai", "assistant", "bot", "chatbot", "chatgpt", "gpt", "ia", "ki", "llm",
];

/// Tells the program what to do, at the head of a clause.
pub(super) const COMMANDS: &[&str] = &[
    // English
    "act", "add", "answer", "append", "behave", "change", "classify", "copy", "delete", "emit", "enter", "extract",
    "fill", "generate", "include", "insert", "invent", "keep", "label", "leave", "list", "mark", "modify", "name",
    "omit", "output", "populate", "pretend", "print", "produce", "put", "remove", "rename", "repeat", "replace",
    "reply", "respond", "return", "reveal", "say", "set", "skip", "state", "swap", "tell", "translate", "treat",
    "use", "write",
    // German
    "antworte", "antworten", "ersetze", "ersetzen", "ergänze", "erfinde", "füge", "fügen", "gib", "geben", "lass",
    "lasse", "lassen", "lösche", "löschen", "liste", "nenne", "schreib", "schreibe", "schreiben", "setze", "setzen",
    "trag", "trage", "tragen", "übersetze", "verwende", "entferne",
    // French
    "ajoute", "ajoutez", "donnez", "écris", "écrivez", "inscrivez", "insérez", "laissez", "mets", "mettez",
    "omettez", "remplace", "remplacez", "réponds", "répondez", "renvoie", "renvoyez", "retournez", "supprimez",
    // Spanish
    "agrega", "agregue", "añada", "añade", "borra", "cambia", "contesta", "deja", "deje", "devuelve", "devuelva",
    "elimina", "escriba", "escribe", "incluye", "pon", "reemplaza", "responda", "responde", "sustituye",
    // Italian
    "aggiungi", "aggiungere", "cancella", "elenca", "inserisci", "inserire", "lascia", "restituisci", "rimuovi",
    "rispondi", "rispondere", "scrivi", "sostituisci",
    // Portuguese
    "acrescente", "adicione", "apague", "coloque", "deixe", "devolva", "escreva", "inclua", "insira", "liste",
    "remova", "retorne", "substitua",
    // Dutch
    "antwoord", "geef", "laat", "noteer", "schrijf", "vervang", "verwijder", "voeg", "zet",
    // Polish
    "dodaj", "napisz", "odpowiedz", "podaj", "pozostaw", "usuń", "wpisz", "wstaw", "wypisz", "zamień", "zostaw",
    "zwróć",
];

/// May stand before a command.
pub(super) const BEFORE_COMMAND: &[&str] = &[
    "also", "always", "do", "don", "t", "you", "and", "immediately", "instead", "just", "kindly", "must", "never",
    "not", "now", "only", "please", "shall", "should", "simply", "then", "will", "bitte", "dann", "nur",
    "stattdessen", "und", "et", "puis", "seulement", "solo", "veuillez", "luego", "favor", "por", "solamente",
    "poi", "apenas", "alleen", "dan", "alsjeblieft", "proszę", "tylko", "zawsze",
];

/// Only a program has or makes these.
pub(super) const MACHINE: &[&str] = &[
    "chatbot", "chatgpt", "gpt", "json", "jsonl", "llm", "llms", "prompt", "prompts", "schema", "xml", "yaml",
    "sprachmodell", "taalmodel",
];

/// The same in several words.
pub(super) const MACHINE_PHRASES: &[&str] = &[
    // English
    "language model", "ai model", "ai assistant", "your answer", "your output", "your response", "your reply",
    "the json", "every answer", "all answers", "each answer", "every output", "every report", "every document",
    "every field", "all fields", "each field", "field empty", "fields empty", "field blank", "fields blank",
    "list empty", "lists empty", "empty list", "the structured", "the extracted", "extraction result", "as null",
    "to null", "maintenance mode", "developer mode", "debug mode", "system prompt", "training data",
    // German
    "jede antwort", "jeder antwort", "deine antwort", "alle felder", "alle listen", "felder leer", "listen leer",
    "das feld",
    // French
    "votre réponse", "ta réponse", "chaque réponse", "toutes les listes", "tous les champs", "le champ",
    // Spanish
    "tu respuesta", "cada respuesta", "todos los campos", "todas las listas", "el campo",
    // Italian
    "la tua risposta", "ogni risposta", "tutti i campi", "tutte le liste", "il campo",
    // Portuguese
    "sua resposta", "cada resposta", "todos os campos", "todas as listas", "o campo",
    // Dutch
    "je antwoord", "elk antwoord", "alle velden", "alle lijsten", "het veld",
    // Polish
    "swoją odpowiedź", "każdej odpowiedzi", "wszystkie pola", "wszystkie listy",
];

/// Gives the program another part to play.
pub(super) const ROLES: &[&str] = &[
    "you are now", "you are a", "you are an", "you are no longer", "act as", "pretend to be", "from now on",
    "du bist jetzt", "sie sind jetzt", "ab jetzt", "tu es maintenant", "vous êtes maintenant", "désormais",
    "ahora eres", "a partir de ahora", "ora sei", "d'ora in poi", "agora você é", "a partir de agora", "je bent nu",
    "vanaf nu", "jesteś teraz", "od teraz",
];
