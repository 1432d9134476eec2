// What the till says aloud: three tones that nobody mixes up, and a sentence in Mandarin.

import { keep, kept } from "./prefs.js";

const MUTED = "till.muted";
const TONES = {
  good: { shape: "sine", notes: [[880, 0], [1318, 0.11]], long: 0.2 }, // ordinary: rises, once
  look: { shape: "triangle", notes: [[660, 0], [660, 0.22], [660, 0.44]], long: 0.14 }, // three alike
  bad: { shape: "square", notes: [[220, 0], [147, 0.3]], long: 0.32 }, // not recorded: low, falls
};

export function createVoice() {
  let audio = null;
  let muted = kept(MUTED) === "yes";
  let mandarin = null;

  function choose() {
    const all = window.speechSynthesis ? speechSynthesis.getVoices() : [];
    const tag = (voice) => voice.lang.replace("_", "-").toLowerCase();
    mandarin =
      all.find((voice) => tag(voice) === "zh-cn" && voice.localService) ||
      all.find((voice) => tag(voice) === "zh-cn") ||
      all.find((voice) => /^(zh|cmn)/.test(tag(voice)) && !/hk|yue/.test(tag(voice))) ||
      null;
  }
  if (window.speechSynthesis) {
    choose();
    speechSynthesis.addEventListener("voiceschanged", choose);
  }

  /** Browsers let a page sound only after a first key or tap. */
  function wake() {
    const Audio = window.AudioContext || window.webkitAudioContext;
    if (muted || !Audio) return;
    audio = audio || new Audio();
    if (audio.state === "suspended") audio.resume().catch(() => undefined);
  }

  function play(name) {
    wake();
    if (muted || !audio || !name) return;
    const { shape, notes, long } = TONES[name];
    for (const [pitch, after] of notes) {
      const begin = audio.currentTime + after;
      const note = audio.createOscillator();
      const loud = audio.createGain();
      note.type = shape;
      note.frequency.value = pitch;
      loud.gain.setValueAtTime(shape === "square" ? 0.12 : 0.3, begin);
      loud.gain.exponentialRampToValueAtTime(0.001, begin + long);
      note.connect(loud).connect(audio.destination);
      note.start(begin);
      note.stop(begin + long);
    }
  }

  function speak(sentence) {
    if (muted || !sentence || !mandarin) return;
    speechSynthesis.cancel();
    const said = new SpeechSynthesisUtterance(sentence);
    said.voice = mandarin;
    said.lang = mandarin.lang;
    said.rate = 1.05;
    speechSynthesis.speak(said);
  }

  return {
    wake,
    /** @param {"good"|"look"|"bad"|null} tone @param {string} sentence */
    say(tone, sentence) {
      play(tone);
      speak(sentence);
    },
    muted: () => muted,
    mute(wanted) {
      muted = wanted;
      keep(MUTED, muted ? "yes" : "no");
      if (muted && window.speechSynthesis) speechSynthesis.cancel();
    },
  };
}
