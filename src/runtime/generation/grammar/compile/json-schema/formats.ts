/** Formats as patterns: each text that matches is valid by the standard named, though not each valid text matches. */

const LEAP_YEARS = '(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)';
const DATE =
  '(\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))' +
  `|${LEAP_YEARS}-02-29)`;
const CLOCK = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?';
const ZONE = '(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)';
const LABEL = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,18}[a-zA-Z0-9])?';
const HOST = `${LABEL}(\\.${LABEL}){0,3}`;
const BYTE = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const GROUP = '[0-9a-fA-F]{1,4}';
/** Characters of a path, a query or a fragment that need no percent sign. */
const URL_TEXT = "[a-zA-Z0-9._~!$&'()*+,;=:@/-]*";

/** Sources: RFC 3339 (dates and times, durations), RFC 5321 (mail), RFC 1123 (hosts), RFC 4122, RFC 2673, RFC 4291, RFC 3986. */
export const FORMATS: Readonly<Record<string, string>> = {
  date: `^${DATE}$`,
  time: `^${CLOCK}${ZONE}$`,
  'date-time': `^${DATE}T${CLOCK}${ZONE}$`,
  duration:
    '^P((\\d{1,4}Y(\\d{1,2}M)?(\\d{1,3}D)?|\\d{1,3}M(\\d{1,3}D)?|\\d{1,4}D)(T(\\d{1,4}H(\\d{1,4}M)?(\\d{1,4}S)?|\\d{1,4}M(\\d{1,4}S)?|\\d{1,4}S))?' +
    '|T(\\d{1,4}H(\\d{1,4}M)?(\\d{1,4}S)?|\\d{1,4}M(\\d{1,4}S)?|\\d{1,4}S)|\\d{1,4}W)$',
  email: `^[a-zA-Z0-9_+-]{1,20}(\\.[a-zA-Z0-9_+-]{1,20}){0,2}@${LABEL}(\\.${LABEL}){1,3}$`,
  hostname: `^${HOST}$`,
  uuid: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  ipv4: `^${BYTE}(\\.${BYTE}){3}$`,
  ipv6: `^(${GROUP}(:${GROUP}){7}|::(${GROUP}(:${GROUP}){0,6})?|${GROUP}(:${GROUP}){0,2}::(${GROUP}(:${GROUP}){0,3})?)$`,
  uri: `^[a-z][a-z0-9+.-]{0,15}://${HOST}(:\\d{1,5})?(/${URL_TEXT})?(\\?${URL_TEXT})?(#${URL_TEXT})?$`,
};
