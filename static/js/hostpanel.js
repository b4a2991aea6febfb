// Behaviour of every page. Each part hangs on a data- attribute one can grep.
import "./dialogs.js";
import "./forms.js";
import "./live.js";
import "./password.js";
