import Base
import Catalog
import Exports
import Library

/// Predictions of an asset for other programs.
struct ExportCommand: Command {
  let path = ["export"]
  let summary = "Write what was found on an asset in a format that other programs open"
  let positionals = [Positional(name: "asset", help: "its id, as 'ridley library list' shows it")]
  let options =
    LibraryPlace.options + [
      .choice("format", ExportKind.allCases.map(\.rawValue), "the format (docs/exports.md)"),
      .value(
        "analysis", "DIGEST",
        "the pipeline's digest, or its beginning, or its name (default: the newest analysis that has what is asked for)"
      ),
      .value("ad-tag", "URL", "vmap: where players ask for advertisements (default: left to them)"),
      .value("break-length", "TIME", "scte35: how long a break lasts (default: left to the splicer)"),
      .value("output", "FILE", "where to (default: standard output)"),
    ]
  let examples = [
    "ridley export 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --format coco --output found.json",
    "ridley export 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --format webvtt > chapters.vtt",
    "ridley export 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --format scte35 --break-length 30s > markers.json",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let format = arguments["format"].flatMap({ ExportKind(rawValue: $0) }) else {
      throw arguments.refusal(
        "say which format: --format \(ExportKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let options = ExportOptions(adTag: arguments["ad-tag"], breakLength: try arguments.seconds("break-length"))
    do { try options.check(format, named: ("--ad-tag", "--break-length")) } catch {
      throw arguments.refusal(error.message)
    }
    let library = try LibraryPlace.access(arguments)
    let (asset, all) = try library.asset(arguments.positionals[0])
    let analyses = arguments["analysis"] == nil ? try Library.analyses(all, for: format, of: asset) : all
    let analysis = try Library.analysis(arguments["analysis"], among: analyses, of: asset)
    guard let output = arguments["output"] else {
      let sink = FileSink(standardOutput: ())
      try library.export(asset, analysis, as: format, options) { (bytes) throws(Fault) in try sink.write(bytes) }
      try sink.flush()
      return .success
    }
    // A file that is half written has another name; what is no file, such as a device, is written as it is.
    let isFile = [nil, .file].contains(FileSystem.kind(of: output))
    let staging = isFile ? FileSystem.staging(for: output) : output
    do {
      let sink = try FileSink(staging)
      try library.export(asset, analysis, as: format, options) { (bytes) throws(Fault) in try sink.write(bytes) }
      try sink.finish()
      if isFile { try FileSystem.move(staging, to: output) }
    } catch {
      if isFile { try? FileSystem.remove(staging) }
      throw error
    }
    return .success
  }
}
