import { ACCOUNT, BUYER_SUBJECT, CLOSE, GREETING, ORDER, PAGES, PRODUCTS } from './common.ts';

export const BUYER_LINKS = {
  subject: BUYER_SUBJECT,
  html: `${GREETING}
${ORDER}
${PRODUCTS}
<p><strong>So geht es weiter.</strong> {% if links > 0 %}Diese Nachricht enthält {% if links == 1 %}einen Link. Er öffnet{% else %}{{ links | number }} Links, einen für jeden Platz. Ein Link öffnet{% endif %} die Einlöseseite, auf der der Code schon eingetragen ist. {% if links == 1 %}Senden Sie ihn nur einer Person{% else %}Senden Sie jeder lernenden Person einen Link{% if products.size > 1 %} je Produkt{% endif %}, und jeden Link nur einer Person{% endif %}: Ein Code gilt einmal.{% else %}Diese Nachricht enthält einen Link. Er öffnet die Liste Ihrer Plätze. Der Link gilt nur einige Tage, bitte speichern Sie die Datei. Sie hat für jeden Platz eine Zeile. Geben Sie jeder lernenden Person eine Zeile{% if products.size > 1 %} je Produkt{% endif %}, und jede Zeile nur einer Person: Ein Code gilt einmal.{% endif %}</p>
<p>Von Hand lässt sich ein Code hier eingeben: ${PAGES}.</p>
${ACCOUNT}
<p>Bitte bewahren Sie {% if links > 0 %}diese Nachricht{% else %}die Liste{% endif %} sicher auf: Wer einen Link hat, kann den Platz nutzen.</p>
${CLOSE}`,
  text: null,
};
