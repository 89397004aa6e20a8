import Base
import Execution
import Glibc
import Inference
import Insights
import Media
import MediaProcess

// What a film's sound costs and what is heard in it: see bench/analysers/sound.
//
//   sound-bench FILE [NETWORK]     read in a media process; levels, silence, and with Silero VAD's network speech

let words = Array(CommandLine.arguments.dropFirst())

func peakMegabytes() -> Double {
  let text = String(decoding: (try? FileSystem.read("/proc/self/status")) ?? [], as: UTF8.self)
  let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
  return Double(line?.split(separator: " ").dropFirst().first ?? "0").map { $0 / 1024 } ?? 0
}

func say(_ what: String, _ seconds: Double, _ sound: Double) {
  let times = (sound / max(seconds, 1e-9)).rounded()
  print("\(what): \((seconds * 1000).rounded() / 1000) s, \(times) times as fast as it is heard")
}

func measured<Result>(_ body: () throws(Fault) -> Result) throws(Fault) -> (Result, seconds: Double) {
  let start = Clock.now
  let result = try body()
  return (result, Double(Clock.now - start) / 1e9)
}

/// Reads all of it and keeps nothing; how many samples.
func count(_ next: () throws(Fault) -> SoundBlock?) throws(Fault) -> Int {
  var count = 0
  while let block = try next() { count += block.samples.count }
  return count
}

func listen(_ path: String, network: String?) throws(Fault) {
  let file = try MediaFile(path)
  guard let reader = try SoundReader.open(file) else { return print("no sound") }
  let (samples, here) = try measured { () throws(Fault) in try count { () throws(Fault) in try reader.next() } }
  let sound = Double(samples) / 16_000
  let info = reader.info
  print("\(info.format), \(info.codec), \(info.sampleRate) Hz, \(info.channels) channels, \(sound) s; \(reader.tally)")
  say("read in this process", here, sound)
  print("memory at most: \(peakMegabytes().rounded()) MB")
  let pool = MediaPool(limit: 1)
  let (_, away) = try measured { () throws(Fault) in
    guard let remote = try pool.openSound(file, deadline: .max) else { return 0 }
    return try count { () throws(Fault) in try remote.next() }
  }
  say("read in a media process", away, sound)
  try conclude(file, sound, network: network)
}

func length(_ spans: [SoundSpan]) -> Double { spans.reduce(0) { $0 + $1.end - $1.start } }

func conclude(_ file: MediaFile, _ sound: Double, network: String?) throws(Fault) {
  var (blocks, level, silence) = ([SoundBlock](), LevelMeter(), SilenceDetector())
  guard let reader = try SoundReader.open(file) else { return }
  while blocks.count < 3600, let block = try reader.next() { blocks.append(block) }
  let heard = Double(blocks.reduce(0) { $0 + $1.samples.count }) / 16_000
  let (spans, seconds) = try measured { () throws(Fault) in
    for block in blocks {
      level.add(block.samples.span, at: block.start)
      silence.add(block.samples.span, at: block.start)
    }
    return silence.finish().spans
  }
  say("levels and silence", seconds, heard)
  let mean = level.finish().mean ?? 0
  print("\(spans.count) silences, \(length(spans)) s; mean \((mean * 10).rounded() / 10) dB")
  guard let network else { return }
  let activity = try SpeechActivity(network: network, on: try Engine(cacheFolder: nil))
  var segments = SpeechSegments(first: reader.info.first)
  let (answers, asked) = try measured { () throws(Fault) in
    var answers = 0
    for block in blocks {
      for probability in try activity.listen(block.samples) {
        segments.add(probability)
        answers += 1
      }
    }
    if let last = try activity.finish() { segments.add(last) }
    return answers
  }
  say("speech activity", asked, heard)
  let speech = segments.finish(end: blocks.last?.end ?? 0).spans
  let each = (asked / Double(max(1, answers)) * 1e6).rounded()
  print("\(each) us an answer (32 ms); \(speech.count) spans, \(length(speech)) s")
}

do throws(Fault) {
  if words.first == "media-process" {
    try MediaService.run()
  } else if words.isEmpty {
    throw Fault(.usage, "sound-bench FILE [NETWORK]")
  } else {
    try listen(words[0], network: words.count > 1 ? words[1] : nil)
  }
} catch {
  print(error.message)
  exit(1)
}
