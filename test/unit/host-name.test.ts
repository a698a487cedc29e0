import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostNameIn, hostNameOf } from '../../src/clients/host-name.ts';

describe('the host name of a company', () => {
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
    ['of a name with letters beyond a to z', 'https://www.Müller.example', 'xn--mller-kva.example'],
    ['of one whose letters are decomposed', 'mu\u0308ller.example', 'xn--mller-kva.example'],
    ['of one in its ASCII form', 'XN--Mller-kva.example', 'xn--mller-kva.example'],
    ['of one with wide letters and an ideographic stop', 'ｇｌｏｂｅｘ。example', 'globex.example'],
  ])('%s: %j', (_, website, domain) => {
    expect(hostNameIn(website)).toBe(domain);
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
    expect(hostNameIn(website)).toBeNull();
  });

  test('of a domain is that domain, however it was written, and never holds anything but a name', () => {
    const hosts = fc
      .stringMatching(/^[a-z0-9]{1,8}(\.[a-z][a-z0-9]{1,7}){1,2}$/)
      .filter((host) => !/^www\./.test(host));
    const before = fc.constantFrom('', 'www.', 'https://', 'HTTP://WWW.', '//');
    const after = fc.constantFrom('', '.', ':443', '/', '/a@b', '?q=1', '#x');
    fc.assert(
      fc.property(hosts, before, after, (host, start, end) => {
        expect(hostNameIn(`${start}${host}${end}`)).toBe(host);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(hostNameIn(text) ?? 'a.b').toMatch(/^[a-z0-9.-]+$/);
      }),
    );
  });
});

describe('a text that is to be a host name alone', () => {
  test.each([
    ['acme.example', 'acme.example'],
    [' WWW.Acme.example. ', 'acme.example'],
    ['müller.example', 'xn--mller-kva.example'],
    ['https://acme.example', null],
    ['acme.example/about', null],
    ['acme.example:443', null],
    ['ask@acme.example', null],
    ['acme', null],
    ['', null],
  ])('%j is %j', (text, host) => {
    expect(hostNameOf(text)).toBe(host);
  });
});
