/* Where we read a fixture otherwise than mail_parser on purpose, by name. docs/VIOLATIONS.md tells the classes. */
#pragma once

#define JUNK_BASE64 \
    "what does not decode is decoded leniently and told as a defect; there the undecoded bytes are kept"
#define BARE_WORD \
    "a word without @ is kept as an address without domain and told as a defect; there it becomes a name"
#define COMMENT \
    "a comment is a name only where there is no other; there comments are added to names and groups"
#define EIGHT_BIT \
    "8-bit bytes without a label are read as windows-1252; there they are lost as U+FFFD"
#define UUENCODE \
    "x-uuencode is decoded; there it is not"
#define BACKSLASH \
    "a lone backslash is kept, so that a Windows path stays one; there it is taken off"
#define LINES \
    "a carriage return before a line end stays in the text"
#define MIDLINE \
    "a boundary counts at the start of a line only (RFC 2046 5.1.1), and half a UTF-16 character shows as U+FFFD"
#define FIRST_WINS \
    "the value given first stands first and a defect tells of the second; there the last one wins"
#define OUTER \
    "an outer boundary ends an inner multipart (RFC 2046 5.1.2); there only the innermost boundary is looked for"
#define CLOSELY \
    "header lines directly before a boundary are a part without body; there the whole is given up"
#define NO_BOUNDARY \
    "a multipart without its boundary has no parts; its text is a leaf of another reading"
#define PREFIX \
    "a boundary must fill its line in the first reading; lines that go on are another one"
#define EMPTY_LAST \
    "an opened part without bytes is an empty part"
#define DAMAGED \
    "a message damaged at random; no reading is right"
#define TWO_TYPES \
    "of two Content-Type fields the first is the first reading and the last another one"
#define NOT_A_MESSAGE \
    "an attached message without header is a message all the same; there it is a text"
#define ROUTE \
    "an obsolete route and blanks inside an address are taken out; there they stay"
#define TRIMMED \
    "names and values are trimmed, and a field is trimmed before its quotes are looked at"
#define LANGUAGE \
    "the language of an RFC 2231 value is not kept, and stars in odd places are no pieces"
#define NO_SEMICOLON \
    "a file name without quotes goes up to the semicolon"
#define WORDS_JOIN \
    "nothing is put between an encoded-word and what adjoins it"
#define HALF_TYPE \
    "half a media type is told as a defect and the part read as text/plain"
#define DATE_COMMENT \
    "a date with nested comments and a blank inside the year is not read"
#define DATE_GARBAGE \
    "what is no date is told as one that cannot be read"
#define DATE_ZONE \
    "a zone written as a rule (EST5EDT) is read by its first name"
#define UNFOLD \
    "unfolding takes out line ends and no blanks (RFC 5322 2.2.3); there blanks are folded to one"

static const struct {
    const char *where, *reason;
} tastes[] = {
    {"rfc/000", JUNK_BASE64}, {"rfc/000.crlf", JUNK_BASE64}, {"thirdparty/002", JUNK_BASE64},
    {"thirdparty/002.crlf", JUNK_BASE64},
    {"rfc/001", BARE_WORD}, {"rfc/001.crlf", BARE_WORD}, {"rfc/004", BARE_WORD}, {"rfc/004.crlf", BARE_WORD},
    {"address.json[42]", BARE_WORD},
    {"rfc/002", COMMENT}, {"rfc/002.crlf", COMMENT}, {"address.json[8]", COMMENT}, {"address.json[9]", COMMENT},
    {"address.json[10]", COMMENT}, {"address.json[11]", COMMENT}, {"address.json[14]", COMMENT},
    {"address.json[22]", COMMENT}, {"address.json[56]", COMMENT},
    {"legacy/010", EIGHT_BIT}, {"legacy/010.crlf", EIGHT_BIT}, {"legacy/016", EIGHT_BIT},
    {"legacy/016.crlf", EIGHT_BIT}, {"legacy/020", EIGHT_BIT}, {"legacy/020.crlf", EIGHT_BIT},
    {"legacy/022", EIGHT_BIT}, {"legacy/022.crlf", EIGHT_BIT}, {"legacy/023", EIGHT_BIT},
    {"legacy/023.crlf", EIGHT_BIT}, {"legacy/026", EIGHT_BIT}, {"legacy/026.crlf", EIGHT_BIT},
    {"legacy/027", EIGHT_BIT}, {"legacy/027.crlf", EIGHT_BIT}, {"legacy/033", EIGHT_BIT},
    {"legacy/033.crlf", EIGHT_BIT}, {"legacy/052", EIGHT_BIT}, {"legacy/052.crlf", EIGHT_BIT},
    {"legacy/017", UUENCODE}, {"legacy/017.crlf", UUENCODE}, {"legacy/048", UUENCODE}, {"legacy/048.crlf", UUENCODE},
    {"legacy/035", BACKSLASH}, {"legacy/035.crlf", BACKSLASH}, {"legacy/039", BACKSLASH},
    {"legacy/039.crlf", BACKSLASH},
    {"legacy/049", LINES},
    {"thirdparty/005", MIDLINE}, {"thirdparty/005.crlf", MIDLINE},
    {"thirdparty/010", FIRST_WINS}, {"thirdparty/010.crlf", FIRST_WINS},
    {"thirdparty/015", OUTER}, {"thirdparty/015.crlf", OUTER}, {"malformed/001", OUTER}, {"malformed/001.crlf", OUTER},
    {"malformed/003", OUTER}, {"malformed/003.crlf", OUTER}, {"malformed/007", OUTER}, {"malformed/007.crlf", OUTER},
    {"malformed/008", OUTER}, {"malformed/008.crlf", OUTER}, {"malformed/009", OUTER}, {"malformed/009.crlf", OUTER},
    {"malformed/011", OUTER}, {"malformed/011.crlf", OUTER}, {"malformed/012", OUTER}, {"malformed/012.crlf", OUTER},
    {"malformed/013", OUTER}, {"malformed/013.crlf", OUTER}, {"malformed/016", OUTER}, {"malformed/016.crlf", OUTER},
    {"malformed/000", CLOSELY}, {"malformed/000.crlf", CLOSELY},
    {"malformed/002", NO_BOUNDARY}, {"malformed/002.crlf", NO_BOUNDARY},
    {"malformed/004", PREFIX}, {"malformed/004.crlf", PREFIX}, {"malformed/005", PREFIX},
    {"malformed/005.crlf", PREFIX},
    {"malformed/014", EMPTY_LAST}, {"malformed/014.crlf", EMPTY_LAST},
    {"malformed/019", DAMAGED}, {"malformed/019.crlf", DAMAGED},
    {"malformed/020", TWO_TYPES}, {"malformed/020.crlf", TWO_TYPES}, {"malformed/021", TWO_TYPES},
    {"malformed/021.crlf", TWO_TYPES},
    {"malformed/022", NOT_A_MESSAGE}, {"malformed/022.crlf", NOT_A_MESSAGE},
    {"address.json[13]", ROUTE},
    {"address.json[33]", TRIMMED}, {"content_type.json[55]", TRIMMED}, {"content_type.json[56]", TRIMMED},
    {"content_type.json[29]", LANGUAGE}, {"content_type.json[30]", LANGUAGE}, {"content_type.json[59]", LANGUAGE},
    {"content_type.json[61]", LANGUAGE},
    {"content_type.json[31]", NO_SEMICOLON},
    {"content_type.json[34]", WORDS_JOIN}, {"unstructured.json[21]", WORDS_JOIN}, {"unstructured.json[22]", WORDS_JOIN},
    {"unstructured.json[27]", WORDS_JOIN}, {"unstructured.json[28]", WORDS_JOIN},
    {"content_type.json[39]", HALF_TYPE}, {"content_type.json[40]", HALF_TYPE}, {"content_type.json[41]", HALF_TYPE},
    {"content_type.json[43]", HALF_TYPE}, {"content_type.json[47]", HALF_TYPE}, {"content_type.json[48]", HALF_TYPE},
    {"content_type.json[58]", HALF_TYPE}, {"content_type.json[64]", HALF_TYPE}, {"content_type.json[65]", HALF_TYPE},
    {"content_type.json[66]", HALF_TYPE}, {"content_type.json[67]", HALF_TYPE}, {"content_type.json[68]", HALF_TYPE},
    {"content_type.json[69]", HALF_TYPE}, {"content_type.json[70]", HALF_TYPE}, {"content_type.json[71]", HALF_TYPE},
    {"content_type.json[72]", HALF_TYPE},
    {"date.json[10]", DATE_COMMENT},
    {"date.json[12]", DATE_GARBAGE}, {"date.json[14]", DATE_GARBAGE},
    {"date.json[30]", DATE_ZONE},
    {"unstructured.json[2]", UNFOLD}, {"unstructured.json[3]", UNFOLD}, {"unstructured.json[4]", UNFOLD},
    {"unstructured.json[19]", UNFOLD}, {"unstructured.json[24]", UNFOLD}, {"unstructured.json[25]", UNFOLD},
    {"unstructured.json[26]", UNFOLD},
};
