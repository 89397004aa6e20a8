import Analysis
import Base
import Catalog
import Execution
import Glibc
import Jobs
import Library
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
  private var asset: Asset?
  private var recorder: AnalysisRecorder?

  /// `nil` where no library was asked for.
  init?(_ arguments: Arguments, _ pipeline: LoadedPipeline) throws(Fault) {
    guard let folder = arguments["library"] else { return nil }
    library = try LibraryPlace.library(folder)
    (group, tags) = (try GroupOptions.group(arguments), GroupOptions.tags(arguments) ?? [])
    replaces = arguments.has("force")
    self.pipeline = pipeline
    series = try Self.series(arguments, pipeline)
  }

  /// The name of the pipeline's file, or of the model.
  private static func series(_ arguments: Arguments, _ pipeline: LoadedPipeline) throws(Fault) -> String {
    guard let path = arguments["pipeline"] else { return pipeline.models.first?.name ?? "built-in" }
    return try series(ofPipeline: path)
  }

  static func series(ofPipeline path: String) throws(Fault) -> String {
    let name = FileSystem.name(of: path)
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    let series = stem.isEmpty ? name : stem
    try AssetGroup.check(name: series, "a pipeline's series")
    return series
  }

  /// The file of an asset that is named by its id; `nil` for any other word.
  static func file(ofAsset word: String, _ arguments: Arguments) throws(Fault) -> (path: String, name: String)? {
    guard let folder = arguments["library"], ULID(word) != nil, FileSystem.kind(of: word) == nil else { return nil }
    let library = try LibraryPlace.library(folder, makes: false)
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
    recorder = nil
    let asset = try asset(of: file, path: path)
    self.asset = asset
    try told(asset.id.text)
    recorder = try AnalysisRecorder(
      library, asset, pipeline, series: series, worker: Self.worker, version: Version.text)
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

  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) { try recorder?.add(stamp, predictions) }

  /// Publishes the analysis of a file that was gone through to its end; one that was interrupted leaves none.
  func finish(_ summary: FileSummary, index: PackedFrameIndex?) throws(Fault) {
    guard let recorder = recorder.take(), !summary.interrupted else { return }
    try library.publish(try recorder.finish(summary, index: index), replaces: replaces)
    try library.settle()
  }

  /// Writes down why an asset has no analysis, also where the process that looked at it crashed.
  static func note(_ fault: Fault, of asset: String, in folder: String) {
    guard let id = ULID(asset), let library = try? Library(folder, makes: false) else { return }
    try? library.fail(id, because: fault.message)
  }

  /// The machine, the process and its start.
  static var worker: String { "\(host):\(getpid()):\(UTC.text(started))" }

  /// The machine's name.
  static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
