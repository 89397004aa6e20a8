import Base
import Glibc
import Insights
import Pipelines

/// What a command line wants of each shot, beside the list of them.
struct ShotOptions {
  static let all: [Option] = [
    .optional("split", "FOLDER", "shots: each as a clip, cut without coding anew (default: clips, in its report)"),
    .optional("images", "N", "shots: so many pictures of each (default 3), in images of its report"),
    .flag("statistics", "shots: what they were found by, frame by frame, as statistics.csv in its report"),
  ]

  static let names = all.map(\.name)

  let wantsClips: Bool
  /// Of several files, one folder for all.
  let clipFolder: String?
  /// Pictures of a shot; `nil` for none.
  let images: Int?
  let wantsStatistics: Bool

  init(_ arguments: Arguments) throws(Fault) {
    (wantsClips, clipFolder) = (arguments.has("split"), arguments["split"])
    images = arguments.has("images") ? try arguments.integer("images", in: 1...100) ?? 3 : nil
    wantsStatistics = arguments.has("statistics")
  }

  /// Refuses what the pipeline cannot give.
  static func check(_ arguments: Arguments, _ pipeline: Pipeline) throws(Fault) {
    guard let said = names.first(where: arguments.has) else { return }
    guard pipeline.insights.shots != nil else {
      throw arguments.refusal("--\(said) is about shots, and this pipeline finds none: take --pipeline shots")
    }
    guard pipeline.sample == .all, pipeline.proxy == nil else {
      throw arguments.refusal(
        "--\(said) wants shots to the frame, and this pipeline does not look at every frame of the film itself: leave out sample and proxy"
      )
    }
    _ = try ShotOptions(arguments)
  }

  /// Where clips of a film go, in the report's folder or beside those of others, and what their names begin with.
  func clips(_ report: String, _ stem: String) -> (folder: String, prefix: String) {
    guard let clipFolder else { return ("\(report)/clips", FileSystem.name(of: stem)) }
    let path = "\(clipFolder)/\(stem)"
    return (FileSystem.folder(of: path), FileSystem.name(of: path))
  }

  static func pictures(_ report: String, _ stem: String) -> (folder: String, prefix: String) {
    ("\(report)/images", FileSystem.name(of: stem))
  }

  /// Before any work: folders can be written, and hold nothing that would be replaced unasked.
  func prepare(_ report: String, _ stem: String, replaces: Bool) throws(Fault) {
    var places: [(folder: String, prefix: String)] = wantsClips ? [clips(report, stem)] : []
    if images != nil { places.append(Self.pictures(report, stem)) }
    for place in places {
      if !replaces, let old = Self.earlier(place).first {
        throw Fault(
          .badInput,
          "\(place.folder) has shots of an earlier run, such as \(old): say --force to replace them, or choose another folder"
        )
      }
      try FileSystem.makeFolder(place.folder)
      guard access(place.folder, W_OK | X_OK) == 0 else { throw SystemError.last.fault("write", place.folder) }
    }
  }

  /// Names of what an earlier run made there of a film of this name.
  static func earlier(_ place: (folder: String, prefix: String)) -> [String] {
    ((try? FileSystem.list(place.folder)) ?? []).filter { name in
      guard name.hasPrefix(place.prefix + "-shot-") else { return false }
      let parts = name.dropFirst(place.prefix.count + 6).split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 2 && ["mp4", "mov", "jpg"].contains(parts[1])
        && parts[0].allSatisfy { $0.isASCII && $0.isNumber || $0 == "-" }
    }
  }

  /// Takes away what an earlier run made there, which may be more than this one makes.
  static func clear(_ place: (folder: String, prefix: String)) throws(Fault) {
    for name in earlier(place) { try FileSystem.remove("\(place.folder)/\(name)") }
  }
}
