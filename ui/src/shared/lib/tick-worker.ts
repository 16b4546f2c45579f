/** Browsers slow the timers of a hidden page to one a minute, but not those of its workers. */
setInterval(() => postMessage(0), 1000);
