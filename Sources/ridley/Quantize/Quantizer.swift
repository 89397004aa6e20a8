import Base
import Glibc
import Isolation
import JSON

/// The program that makes 8-bit networks: `quantize.py` in a Python that has onnx and onnxruntime.
///
/// ONNX Runtime's quantiser is written in Python, and what it makes is a plain file: nothing of it is needed to run that.
struct Quantizer {
  /// What it is told.
  struct Job {
    var network: String
    var target: String
    var input: String
    var frames: String
    var size: Size
    var channels: Int
    var isChannelsFirst: Bool
    var mean: [Float]
    var scale: [Float]
    var element: ElementType
    /// Of the deviation of what floats answer.
    var tolerance: Double
    /// Share of the operators with weights that may stay in floats.
    var mostLeftOut: Double
  }

  /// What came of it.
  struct Result {
    /// Operators that stay in floats, the costliest first.
    var leftOut: [String]
    /// Operators with weights.
    var weighed: Int
    /// Root mean square of the difference, as a share of the deviation, on the frames that it was calibrated with.
    var difference: Double
  }

  private let python: String
  private let script: String

  /// Looks for `RIDLEY_PYTHON`, else for the environment that `./bootstrap` makes, else for the system's Python.
  init() throws(Fault) {
    let (share, build) = (ProgramStart.share(), FileSystem.folder(of: ProgramStart.file ?? ""))
    let checkout = FileSystem.folder(of: FileSystem.folder(of: FileSystem.folder(of: build)))
    let scripts = ["\(share)/tools/quantize.py", "\(checkout)/tools/quantize.py"]
    guard let script = scripts.first(where: { FileSystem.kind(of: $0) == .file }) else {
      throw Fault(.unavailable, "quantize.py is not installed: it is expected at \(scripts[0])")
    }
    let named = getenv("RIDLEY_PYTHON").map { String(cString: $0) }
    let pythons = [named, "\(checkout)/.deps/quantizer/bin/python", "/usr/bin/python3"]
    guard let python = pythons.compactMap(\.self).first(where: { FileSystem.kind(of: $0) == .file }) else {
      throw Fault(.unavailable, Self.needed("there is no Python here"))
    }
    (self.script, self.python) = (script, python)
  }

  /// Somebody asked it to end.
  static let stopped = Fault(.closed, "stopped before anything was made")

  private static func needed(_ what: String) -> String {
    "\(what): quantising takes python3 with the packages onnx and onnxruntime; RIDLEY_PYTHON names the program, such as venv/bin/python"
  }

  /// Makes the network, in minutes where operators must be looked for that cost much; `tell` gets words about where it is.
  ///
  /// - Throws: `unavailable` where the packages are missing, `unsupported` with the quantiser's words where it cannot do it.
  func run(_ job: Job, in scratch: ScratchFolder, tell: (String) -> Void) throws(Fault) -> Result {
    let (file, log) = ("\(scratch.path)/job.json", "\(scratch.path)/log.jsonl")
    try FileSystem.write(Array(text(job, log: log).utf8), to: file)
    let process = try SpawnedProcess(program: python, arguments: ["-B", script, file], isTrusted: true)
    var (steps, isOver): ([Step], Bool) = ([], false)
    while !isOver {
      guard !Interrupt.isAsked else { throw Self.stopped }
      isOver = process.hasEnded
      let seen = steps.count
      steps = Self.steps(log)
      for step in steps.dropFirst(seen) { tell(step.words) }
      SharedFlags.beat()
      if !isOver { usleep(100_000) }
    }
    guard let last = steps.last else {
      throw Fault(.unavailable, "\(python) cannot run quantize.py", cause: process.end().reason)
    }
    if let missing = last.missing { throw Fault(.unavailable, Self.needed("\(python) has no \(missing)")) }
    if let refusal = last.error {
      throw Fault(.unsupported, "onnxruntime's quantiser does not take the network (\(refusal))")
    }
    guard last.step == "done" else {
      throw Fault(.unavailable, "the quantiser ended early", cause: process.end().reason)
    }
    return Result(leftOut: last.leftOut, weighed: last.weighed ?? 0, difference: last.difference ?? .nan)
  }

  /// A line of what it writes down.
  private struct Step {
    enum Key: String, CaseIterable { case step, error, missing, difference, done, of, weighed, frames, left_out }

    var step = ""
    var error: String?
    var missing: String?
    var difference: Double?
    var weighed: Int?
    var leftOut: [String] = []
    private var (done, of): (Int?, Int?)

    init(_ line: String) throws(Fault) {
      let document = try JSONDocument(parsing: line, name: "quantize.py")
      let fields = try document.root.fields(Key.self, others: .ignored)
      step = try fields.required(.step).string()
      error = try fields[.error]?.string()
      missing = try fields[.missing]?.string()
      difference = try fields[.difference]?.number()
      (weighed, done) = (try fields[.weighed]?.integer(), try fields[.done]?.integer())
      of = try fields[.of]?.integer()
      guard let names = fields[.left_out] else { return }
      for name in try names.elements() { leftOut.append(try name.string()) }
    }

    var words: String {
      var words = step
      if let done { words += " \(done)" }
      if let of { words += " of \(of)" }
      if let difference { words += ", \(NumberFormat.fixed(difference * 100, 1)) % apart" }
      return words
    }
  }

  /// The lines that are whole.
  private static func steps(_ log: String) -> [Step] {
    guard let bytes = try? FileSystem.read(log, limit: 16 << 20), let end = bytes.lastIndex(of: 10) else { return [] }
    return String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n").compactMap { try? Step(String($0)) }
  }

  private func text(_ job: Job, log: String) -> String {
    JSONText.line { json in
      json.field("log", log)
      json.field("network", job.network)
      json.field("target", job.target)
      json.field("input", job.input)
      json.field("frames", job.frames)
      json.field("width", job.size.width)
      json.field("height", job.size.height)
      json.field("channels", job.channels)
      json.field("channels_first", job.isChannelsFirst)
      json.array("mean") { json in for number in job.mean { json.number(Double(number), digits: 9) } }
      json.array("scale") { json in for number in job.scale { json.number(Double(number), digits: 9) } }
      json.field("element", job.element == .f16 ? "float16" : "float")
      json.field("tolerance", job.tolerance, digits: 6)
      json.field("most_left_out", job.mostLeftOut, digits: 6)
    }
  }
}
