// The public page: no way to another site, no tiles, no field form; and the map's approval number.
function links() { return []; }
function tileBox() { return null; }
function stamp() { return make("div", { id: "sw-approval", text: page.approval }); }
function form() { return null; }
function exportButton() { return null; }
function filledWord() { return ""; }
function openStore() { return Promise.resolve(); }
function hooks() { return {}; }
