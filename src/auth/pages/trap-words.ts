/** Said above a form whose hidden field was filled in. */
export const trapFilled =
  'Your browser or password manager filled in a field that is not shown, as robots do. Nothing is wrong with what you entered: enter your password again and send the form once more.';
