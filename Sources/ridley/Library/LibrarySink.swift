import Analysis
import Base
import Catalog
import Execution
import Glibc
import Inference
import Library
import Loading
import Media
import Predictions
import Reports

/// The library's part of `ridley analyze --library`: the file becomes an asset, and what is found on it an analysis.
final class LibrarySink {
  private let library: Library
  private let group: AssetGroup
  private let tags: [String]
  private let replaces: Bool
  private let pipeline: LoadedPipeline
  private let series: String
  /// As predictions name the network of each step.
  private let identities: [String]
  private var asset: Asset?
  private var writer: AnalysisWriter?

  /// `nil` where no library was asked for.
  init?(_ arguments: Arguments, _ pipeline: LoadedPipeline) throws(Fault) {
    guard let folder = arguments["library"] else { return nil }
    library = try Library(try LibraryPlace.folder(folder))
    (group, tags) = (try GroupOptions.group(arguments), GroupOptions.tags(arguments) ?? [])
    replaces = arguments.has("force")
    (self.pipeline, identities) = (pipeline, pipeline.models.map(\.identity))
    series = try Self.series(arguments, pipeline)
  }

  /// The name of the pipeline's file, or of the model.
  private static func series(_ arguments: Arguments, _ pipeline: LoadedPipeline) throws(Fault) -> String {
    guard let path = arguments["pipeline"] else { return pipeline.models[0].name }
    let name = FileSystem.name(of: path)
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    let series = stem.isEmpty ? name : stem
    try AssetGroup.check(name: series, "a pipeline's series")
    return series
  }

  /// The file of an asset that is named by its id; `nil` for any other word.
  static func file(ofAsset word: String, _ arguments: Arguments) throws(Fault) -> (path: String, name: String)? {
    guard let folder = arguments["library"], ULID(word) != nil, FileSystem.kind(of: word) == nil else { return nil }
    let library = try Library(try LibraryPlace.folder(folder), makes: false)
    let asset = try library.asset(word, scope: .all).asset
    return (try library.file(of: asset), asset.name)
  }

  /// Makes the file an asset, unless it is one, and begins its analysis.
  ///
  /// `told` hears its id before it is opened. - Returns: the library's file, by whose index of frames a frame is found again.
  func begin(
    _ file: InputFile, path: String, told: (String) throws(Fault) -> Void
  ) throws(Fault) -> String {
    asset = nil
    writer = nil
    let asset = try asset(of: file, path: path)
    self.asset = asset
    try told(asset.id.text)
    writer = try AnalysisWriter(library, asset, head)
    for model in pipeline.models {
      for note in model.notes { writer?.note("model", [("model", model.name), ("note", note)]) }
    }
    return try library.file(of: asset)
  }

  /// Makes the file an asset, unless it is one; its id, and where its bytes are.
  func keep(_ file: InputFile, path: String) throws(Fault) -> (asset: String, path: String) {
    let asset = try asset(of: file, path: path)
    return (asset.id.text, try library.file(of: asset))
  }

  private func asset(of file: InputFile, path: String) throws(Fault) -> Asset {
    if let id = file.asset { return try library.asset(id, scope: .all).asset }
    var draft = AssetDraft(group: group, name: FileSystem.name(of: file.name))
    draft.tags = tags
    return try library.add(file: path, draft, scope: .all, examiner: ReaderExaminer()).asset
  }

  private var head: AnalysisWriter.Head {
    var head = AnalysisWriter.Head(
      pipeline: pipeline.digest, series: series,
      models: pipeline.models.map { Analysis.Model(name: $0.name, digest: $0.digest) }, worker: Self.worker,
      engine: "OpenVINO \(Engine.version) \(pipeline.models[0].device) \(pipeline.models[0].precision)",
      version: Version.text)
    (head.labels, head.tellsTracks) = (pipeline.labels, !pipeline.isPlain)
    return head
  }

  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    try writer?.add(stamp, predictions) { [identities] in identities[$0.step] }
  }

  /// Publishes the analysis of a file that was gone through to its end; one that was interrupted leaves none.
  func finish(_ summary: FileSummary, index: PackedFrameIndex?) throws(Fault) {
    guard var writer = writer.take(), let asset, !summary.interrupted else { return }
    for note in summary.notes { writer.note("note", [("note", note)]) }
    let timing = index?.timing(asset.media.frameRate)
    let finished = try writer.finish(
      framesAnalyzed: summary.framesAnalyzed, corruptFrames: summary.corrupt.count, frameIndex: index?.bytes,
      evenRate: timing?.evenRate, firstTime: timing?.first ?? 0)
    try library.publish(finished, replaces: replaces)
    try library.settle()
  }

  /// Writes down why an asset has no analysis, also where the process that looked at it crashed.
  static func note(_ fault: Fault, of asset: String, in folder: String) {
    guard let id = ULID(asset), let library = try? Library(folder, makes: false) else { return }
    try? library.fail(id, because: fault.message)
  }

  /// The machine, the process and its start.
  private static var worker: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return "\(String(decoding: host, as: UTF8.self)):\(getpid()):\(UTC.text(started))"
  }

  private static let started = Clock.date
}

/// Looks at a file in this process, which is one that was made for a foreign file.
struct ReaderExaminer: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination {
    let reader = try MediaReader(path)
    guard let frame = try reader.next() else { throw Examination.noPicture }
    return try Examination(reader.info, frame.size) { (size) throws(Fault) in try frame.rgb(size: size) }
  }
}
