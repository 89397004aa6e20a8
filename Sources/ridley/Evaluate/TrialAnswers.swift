import Analysis
import Base
import Crypto
import Execution
import Isolation
import JSON
import Predictions
import Reports

/// What a version answered about files, kept in a folder, so that a trial that was interrupted goes on where it was.
struct TrialAnswers {
  /// What is known of the answers about one file.
  struct Facts {
    var frames: Int
    /// That decoding, inference and all else took; `nil` where they were kept in the library.
    var seconds: Double?
  }

  private enum Key: String, CaseIterable { case frames, seconds }

  let folder: String

  /// Without an ending; another where the file, or anything that decides on its answers, is another.
  private func place(_ side: TrialPlan.Side, _ file: TrialPlan.File) -> String {
    let state = FileSystem.stamp(of: file.path)?.state ?? ""
    return "\(folder)/answers/\(SHA256.hex(of: Array("\(side.key)\n\(file.path)\n\(file.name)\n\(state)".utf8)))"
  }

  /// `nil` where there are none yet.
  func facts(_ side: TrialPlan.Side, _ file: TrialPlan.File) throws(Fault) -> Facts? {
    let path = "\(place(side, file)).json"
    guard FileSystem.kind(of: path) == .file else { return nil }
    let bytes = try FileSystem.read(path, limit: 1 << 16)
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: path).root.fields(Key.self)
    return Facts(
      frames: try fields.required(.frames).integer(in: 0 ... .max), seconds: try fields.given(.seconds)?.number())
  }

  func open(_ side: TrialPlan.Side, _ file: TrialPlan.File) throws(Fault) -> PackedPredictions {
    let path = "\(place(side, file)).packed"
    return try PackedPredictions(byteCount: try FileSystem.byteCount(of: path)) { (range) throws(Fault) in
      try FileSystem.read(path, part: range)
    }
  }

  /// Has `write` write answers, and takes them for whole only then.
  func keep(
    _ side: TrialPlan.Side, _ file: TrialPlan.File, _ write: (FileSink) throws(Fault) -> Facts
  ) throws(Fault) -> Facts {
    let place = place(side, file)
    try FileSystem.makeFolder("\(folder)/answers")
    let staging = FileSystem.staging(for: "\(place).packed")
    let sink = try FileSink(staging)
    let facts = try write(sink)
    try sink.finish()
    try FileSystem.move(staging, to: "\(place).packed")
    let text = JSONWriter.line { json in
      json.field("frames", facts.frames)
      json.field("seconds", ifKnown: facts.seconds, digits: 6)
    }
    try FileSystem.write(text, to: "\(place).json")
    return facts
  }

  /// Looks at a file, unless that was done.
  func make(
    _ side: TrialPlan.Side, _ file: TrialPlan.File, by pipeline: () throws(Fault) -> LoadedPipeline
  ) throws(Fault) {
    guard try facts(side, file) == nil else { return }
    let pipeline = try pipeline()
    _ = try keep(side, file) { (sink) throws(Fault) in
      var packed = PackedPredictionWriter()
      let analyzer = try Analyzer(file.path, pipeline: pipeline, naming: (file.name, file.shown))
      let clock = Stopwatch()
      let summary = try analyzer.run(
        isStopped: { Interrupt.isAsked }, progress: { _ in SharedFlags.beat() },
        each: { (_, stamp, predictions) throws(Fault) in
          try packed.add(stamp, predictions.map { ($0, pipeline.models[$0.step].identity) })
          try sink.write(packed.drain())
        })
      guard !summary.interrupted else { throw Quantizer.stopped }
      let seconds = clock.seconds
      try sink.write(packed.finish())
      return Facts(frames: summary.framesAnalyzed, seconds: seconds)
    }
  }
}
