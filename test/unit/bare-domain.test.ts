import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bareDomain } from '../../src/domain/deal/bare-domain.ts';

describe('the bare domain of a company', () => {
  test.each([
    ['of a plain host name', 'globex.example', 'globex.example'],
    ['of one in capitals, with space around it', '  GLOBEX.Example ', 'globex.example'],
    ['of an address of a page', 'https://www.globex.example', 'globex.example'],
    ['of one under http', ' HTTP://WWW.Globex.Example/about?x=1 ', 'globex.example'],
    ['of one under any scheme', 'ftp://files.globex.example/list', 'files.globex.example'],
    ['of one without a scheme', '//globex.example/about', 'globex.example'],
    ['of a host with www alone', 'www.globex.example', 'globex.example'],
    ['keeps a subdomain', 'shop.globex.example', 'shop.globex.example'],
    ['keeps www in the middle of a name', 'shop.www.globex.example', 'shop.www.globex.example'],
    ['drops a port', 'globex.example:8443', 'globex.example'],
    ['drops a trailing dot and a port', 'https://globex.example.:8443', 'globex.example'],
    ['drops a trailing dot', 'globex.example.', 'globex.example'],
    ['drops a path', 'globex.example/de/ueber-uns', 'globex.example'],
    ['drops a query', 'globex.example?lang=de', 'globex.example'],
    ['drops a fragment', 'globex.example#team', 'globex.example'],
    ['of a page whose path has an @', 'https://social.example/@globex', 'social.example'],
    ['of a name with letters beyond a to z', 'https://www.Müller.example', 'müller.example'],
  ])('%s: %j', (_, website, domain) => {
    expect(bareDomain(website)).toBe(domain);
  });

  test.each([
    ['nothing', null],
    ['an empty text', ''],
    ['a text of spaces', '   '],
    ['a sentence', 'not yet'],
    ['a sentence with a host in it', 'see globex.example'],
    ['two hosts', 'globex.example, globex.test'],
    ['a name without a dot', 'globex'],
    ['a scheme alone', 'https://'],
    ['an e-mail address', 'info@globex.example'],
    ['an e-mail address as a link', 'mailto:info@globex.example'],
    ['a user before the host', 'https://user.name:secret@globex.example/'],
    ['a name that only www makes dotted', 'www.globex'],
    ['empty parts', 'globex..example'],
    ['n/a', 'n/a'],
  ])('is none for %s', (_, website) => {
    expect(bareDomain(website)).toBeNull();
  });

  test('of a domain is that domain, however it was written, and never holds anything but a name', () => {
    const hosts = fc
      .stringMatching(/^[a-z0-9]{1,8}(\.[a-z0-9]{2,8}){1,2}$/)
      .filter((host) => !/^www\./.test(host));
    const before = fc.constantFrom('', 'www.', 'https://', 'HTTP://WWW.', '//');
    const after = fc.constantFrom('', '.', ':443', '/', '/a@b', '?q=1', '#x');
    fc.assert(
      fc.property(hosts, before, after, (host, start, end) => {
        expect(bareDomain(`${start}${host}${end}`)).toBe(host);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(bareDomain(text) ?? 'a.b').toMatch(/^[\p{L}\p{N}.-]+$/u);
      }),
    );
  });
});
