import Base
import Execution
import Glibc
import Inference
import Insights
import Loading
import Media

// What a film's breaks are made of, as Ridley finds it: see bench/analysers/breaks.
//
//   breaks-bench FILE EMBEDDING SPEECH [CUTS]
//
// EMBEDDING is EfficientNet-Lite0, SPEECH Silero VAD's network. Reads every frame once: shots by the built-in method, an
// embedding of each 12th frame; hears the whole sound. Prints one JSON object: shots, speech, every change of shots with what
// speaks for it as if nothing listened, every break that may be one, and those that are chosen with a `minDistance` of 5 s.
// CUTS are frames at which shots begin, by commas: those are taken instead of those found.

let arguments = Array(CommandLine.arguments.dropFirst())
let side = 224

/// Runs a network of one picture [1, 3, 224, 224] that gives 1,280 numbers among its outputs.
struct Embedder {
  let unit: InferenceUnit
  let output: Int

  init(_ path: String, on engine: Engine) throws(Fault) {
    var options = LoadOptions()
    (options.streams, options.threads, options.precision) = (1, 1, .f32)
    let model = try TensorModel(networkAt: path, options, cache: nil, on: engine)
    guard let output = model.network.outputs.firstIndex(where: { $0.shape.last == 1280 }) else {
      throw Fault(.unsupported, "\(path) gives no embedding of 1,280 numbers")
    }
    (unit, self.output) = (try InferenceUnit(model.network), output)
  }

  func embedding(of pixels: [UInt8]) throws(Fault) -> [Float] {
    let input = AlignedMemory(4 * 3 * side * side)
    input.write(0..<4 * 3 * side * side) { span in
      for place in 0..<side * side {
        for channel in 0..<3 {
          let value = (Float(pixels[place * 3 + channel]) - 127) / 128
          span.storeBytes(of: value, toByteOffset: 4 * (channel * side * side + place), as: Float.self)
        }
      }
    }
    let answer = Monitor<[Float]?>(nil)
    let output = output
    let request = InferenceRequest([input[0..<4 * 3 * side * side]], rows: 1, source: "") { outcome, _ in
      var found: [Float] = []
      if case .answered(let outputs) = outcome {
        found = outputs.withFloats(output) { $0.withUnsafeBufferPointer { Array($0) } }
      }
      answer.update { $0 = found }
    }
    do throws(AdmissionRefusal) { try unit.submit(request) } catch { throw error.fault }
    return answer.wait { $0 }
  }
}

/// Reads the pictures: shots, and embeddings for the finders.
func look(_ path: String, _ embedder: Embedder, _ take: (Double, [Float]) -> Void) throws(Fault) -> (ShotList, [Double])
{
  let reader = try MediaReader(path, threads: 0)
  var (detector, times) = (ShotDetector(), [Double]())
  while let frame = try reader.next() {
    let small = try frame.rgb(size: ShotDescriptor.rendition)
    detector.add(index: frame.index, time: frame.time, ShotDescriptor(rgb: small.span))
    if times.count % 12 == 0 {
      take(frame.time, try embedder.embedding(of: frame.rgb(size: Size(width: side, height: side))))
    }
    times.append(frame.time)
  }
  return (detector.finish(), times)
}

/// `nil` where there is no sound.
func listen(_ path: String, _ network: String, on engine: Engine) throws(Fault) -> [ClosedRange<Double>]? {
  guard let reader = try SoundReader.open(path) else { return nil }
  let activity = try SpeechActivity(network: network, on: engine)
  var (segments, end) = (SpeechSegments(first: reader.info.first), reader.info.first)
  while let block = try reader.next() {
    for probability in try activity.listen(block.samples) { segments.add(probability) }
    end = block.end
  }
  if let last = try activity.finish() { segments.add(last) }
  return segments.finish(end: end).spans.map { $0.start...$0.end }
}

/// Shots that begin at these frames; what was found to be black is none.
func shots(_ cuts: [Int], _ found: ShotList, _ times: [Double]) -> ShotList {
  let starts = [0] + cuts.filter { $0 < times.count }
  let step = times.count > 1 ? times[1] - times[0] : 0
  var list = ShotList(black: found.black)
  for (place, start) in starts.enumerated() {
    let next = place + 1 < starts.count ? starts[place + 1] : times.count
    guard !found.black.contains(where: { $0.startFrame <= start && $0.endFrame >= next - 1 }) else { continue }
    let end = next < times.count ? times[next] : times[times.count - 1] + step
    var shot = Shot(start: times[start], end: end, startFrame: start, endFrame: next - 1)
    if let last = list.shots.last?.endFrame {
      shot.transitionIn = ShotTransition(kind: last + 1 < start ? .black : .cut, from: last, to: start, score: 1)
    }
    list.shots.append(shot)
  }
  return list
}

func run(_ film: String, _ embedding: String, _ network: String, cuts: [Int]?) throws(Fault) {
  let engine = try Engine(cacheFolder: nil)
  var all = BreakFinder(BreakSettings(minDistance: 0, threshold: 0))
  var chosen = BreakFinder(BreakSettings(minDistance: 5))
  let (found, times) = try look(film, Embedder(embedding, on: engine)) { time, vector in
    all.add(time: time, embedding: vector)
    chosen.add(time: time, embedding: vector)
  }
  let list = cuts.map { shots($0, found, times) } ?? found
  let speech = try listen(film, network, on: engine)
  var json = JSONWriter()
  json.object { json in
    json.field("shots") { list.write(into: &$0) }
    json.array("speech") { json in
      for span in speech ?? [] { json.array { for side in [span.lowerBound, span.upperBound] { $0.number(side) } } }
    }
    json.field("unheard") { all.finish(list, speech: nil).write(into: &$0) }
    json.field("all") { all.finish(list, speech: speech).write(into: &$0) }
    json.field("chosen") { chosen.finish(list, speech: speech).write(into: &$0) }
  }
  print(String(decoding: json.take(), as: UTF8.self))
}

do throws(Fault) {
  guard (3...4).contains(arguments.count) else { throw Fault(.usage, "breaks-bench FILE EMBEDDING SPEECH [CUTS]") }
  let cuts = arguments.count > 3 ? arguments[3].split(separator: ",").compactMap { Int($0) } : nil
  try run(arguments[0], arguments[1], arguments[2], cuts: cuts)
} catch {
  print("breaks-bench: \(error.message)")
  exit(1)
}
