import fc from 'fast-check';
import { ORG } from '../webhooks/fixture.ts';

/**
 * XML documents that look like outbound messages and break one rule or several: wrong nesting and namespaces, foreign
 * elements, entities of every kind, other declarations.
 */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('0065Y00001Suvw6QAB', '0065Y00001Suvw6', '006', '') },
  fc.constantFrom('&amp;', '&lt;', '&#65;', '&#x41;', '&#0;', '&#xD800;', '&xxe;', '&amp', '&;', ']]>'),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replace(/[<&]/g, '')),
  fc.constantFrom('<![CDATA[0065Y00001Suvw6QAB]]>', '<!-- a -->', '<!-- -- -->', '<?php x ?>'),
);

const name = fc.constantFrom(
  'Notification',
  'Id',
  'sObject',
  'sf:Id',
  'sf:LastModifiedById',
  'sf:Owner',
  'OrganizationId',
  'notifications',
  'o:Id',
  'undefined:Id',
  'xml:Id',
);
const attributes = fc.constantFrom(
  '',
  '',
  ' xsi:type="sf:Opportunity"',
  ' xsi:type="sf:Account"',
  ' xsi:type="Opportunity"',
  ' xsi:type="a" xsi:type="b"',
  ' xmlns=""',
  ' xmlns:sf="urn:sobject.partner.soap.sforce.com"',
  ' xmlns:sf="urn:evil"',
  ' xmlns:xml="urn:evil"',
  ' a="<"',
  ' a=b',
  ' a="&xxe;"',
);

const element = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(name, attributes, tie('content'), fc.constantFrom(true, true, true, true, false))
    .map(([tag, rest, content, isClosed]) => `<${tag}${rest}>${content}${isClosed ? `</${tag}>` : ''}`),
  content: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.array(tie('element'), { maxLength: 3 }).map((parts) => parts.join('')),
  ),
})).element;

const genuine = fc.constant(
  '<Notification><Id>04l5Y00002lRDRNQA4</Id><sObject xsi:type="sf:Opportunity">' +
    '<sf:Id>0065Y00001Suvw6QAB</sf:Id><sf:LastModifiedById>0055Y00000ExAbcQAF</sf:LastModifiedById>' +
    '</sObject></Notification>',
);

/** Most documents are right in this part, so that the others are reached. */
function mostly(right: string, ...wrong: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(right) }, fc.constantFrom(...wrong));
}

const prolog = mostly(
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<?xml version="1.0" encoding="utf-8" standalone="yes"?>',
  '',
  '\ufeff',
  ' <?xml version="1.0"?>',
  '<?xml version="1.1"?>',
  '<?xml version="1.0" encoding="UTF-7"?>',
  '<?xml version="1.0" encoding="UTF-16"?>',
  '<!DOCTYPE a [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>',
  '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]>',
);

export const soapDocument = fc
  .record({
    prolog,
    envelope: mostly('http://schemas.xmlsoap.org/soap/envelope/', 'urn:evil'),
    outbound: mostly('http://soap.sforce.com/2005/09/outbound', 'urn:evil'),
    org: mostly(ORG, ORG.slice(0, 15), '00D000000000000AAA', ''),
    content: fc.array(fc.oneof({ weight: 6, arbitrary: genuine }, element), { maxLength: 4 }),
  })
  .map(
    (part) =>
      `${part.prolog}<e:Envelope xmlns:e="${part.envelope}" xmlns:o="${part.outbound}" ` +
      'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">' +
      `<e:Body><notifications xmlns="${part.outbound}"><OrganizationId>${part.org}</OrganizationId>` +
      `${part.content.join('')}</notifications></e:Body></e:Envelope>`,
  );
