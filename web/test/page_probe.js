// Runs in pages that are measured, before any script of their own. What it gives is in milliseconds.
globalThis.probe = (() => {
  /** The longest event of each interaction, from the hardware's time stamp to the paint that shows its effect. */
  const interactions = new Map();
  let largestPaint = 0;
  /** When the last of what the page is made of came: no answer of a programming interface. */
  let lastPart = 0;
  /** What `watchInput` waits for. */
  let watched;
  /** When the last input was that something follows from. */
  let began = 0;

  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId > 0) interactions.set(interactionId, Math.max(interactions.get(interactionId) ?? 0, duration));
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) largestPaint = startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const { initiatorType } of list.getEntries()) {
      if (!['fetch', 'xmlhttprequest'].includes(initiatorType)) lastPart = performance.now();
    }
  }).observe({ type: 'resource', buffered: true });
  for (const kind of ['keydown', 'pointerup', 'click']) {
    addEventListener(kind, ({ timeStamp }) => (began = timeStamp), { capture: true });
  }

  /** Fulfilled behind the paint of this frame: a message is handled after it, and a callback of a frame before it. */
  const painted = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      port2.postMessage(undefined);
    });

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /** Fulfilled with when the first frame was painted for which `isShown`. */
  async function firstPaint(isShown) {
    const late = performance.now() + 30_000;
    while (performance.now() < late) {
      await frame();
      if (isShown()) return painted();
    }
    throw new Error(`never shown: ${isShown}`);
  }

  return {
    /** Fulfilled when what was begun is painted and told of. */
    async idle() {
      for (let at = 0; at < 3; at += 1) {
        await frame();
        await painted();
      }
      await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 }));
    },
    /** Fulfilled when for a second nothing came that the page is made of; with when its largest piece was painted. */
    async largestPaint() {
      while (performance.now() - Math.max(lastPart, largestPaint) < 1_000) await frame();
      return largestPaint;
    },
    /** Of the interactions since the last call, those of 16 ms and more. */
    takeInteractions() {
      const times = [...interactions.values()];
      interactions.clear();
      return times;
    },
    /** Waits for the input that comes next: `sinceInput` is from it to the first frame for which `isShown`. */
    watchInput(isShown) {
      const armed = performance.now();
      watched = firstPaint(() => began > armed && isShown()).then((end) => end - began);
      // Who asks for it hears of a failure.
      watched.catch(() => undefined);
    },
    sinceInput: () => watched,
    /** From the last answer of an address that ends in `path` to the first frame for which `isShown`. */
    async fromAnswer(path, isShown) {
      const end = await firstPaint(isShown);
      const answers = performance
        .getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.endsWith(path));
      return end - Math.max(...answers.map(({ responseEnd }) => responseEnd).filter((time) => time < end));
    },
    /** Scrolls `box` to its end until that is `height` pixels down. */
    async grown(box, height) {
      const late = performance.now() + 120_000;
      while (box().scrollHeight < height && performance.now() < late) {
        box().scrollTop = box().scrollHeight;
        await frame();
      }
      if (box().scrollHeight < height) throw new Error(`it grew to no more than ${box().scrollHeight} pixels`);
    },
    /** How long the frames take in which `box` is scrolled on by `pixels` each, from a share `from` of its height. */
    async scrolled(box, frames, pixels, from) {
      const times = [];
      box.scrollTop = box.scrollHeight * from;
      let last = await frame();
      for (let at = 0; at < frames + 2; at += 1) {
        box.scrollTop += pixels;
        const now = await frame();
        times.push(now - last);
        last = now;
      }
      // The jump to where it begins is in the first ones.
      return times.slice(2);
    },
  };
})();
