import { ACCOUNT, BUYER_SUBJECT, CLOSE, GREETING, ORDER, PAGES, PRODUCTS } from './common.ts';

export const BUYER_FILE = {
  subject: BUYER_SUBJECT,
  html: `${GREETING}
${ORDER}
${PRODUCTS}
<p><strong>So geht es weiter.</strong> Öffnen Sie die angehängte Liste <em>{{ roster_file }}</em>. Sie hat für jeden Platz eine Zeile. Geben Sie jeder lernenden Person eine Zeile{% if products.size > 1 %} je Produkt{% endif %}, und jede Zeile nur einer Person: Ein Code gilt einmal.{% if roster_csv_file != "" %} Die Datei <em>{{ roster_csv_file }}</em> enthält dieselben Plätze für Programme.{% endif %}</p>
<p>Der Link in einer Zeile öffnet die Einlöseseite, auf der der Code schon eingetragen ist. Von Hand lässt sich ein Code hier eingeben: ${PAGES}.</p>
${ACCOUNT}
<p>Bitte bewahren Sie die Liste sicher auf: Wer einen Code hat, kann den Platz nutzen.</p>
${CLOSE}`,
  text: null,
};
