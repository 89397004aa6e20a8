import Base
import Catalog
import Library

/// Brings files into the library.
struct LibraryAddCommand: Command {
  let path = ["library", "add"]
  let summary = "Add videos and pictures to the library"
  let positionals = [
    Positional(
      name: "file", help: "a video or picture, a quoted pattern such as 'footage/*.mp4', or a folder with all below it",
      repeats: true)
  ]
  let options =
    LibraryPlace.options + GroupOptions.all + [
      .value("tags", "WORD[,WORD]", "tags, by which assets are found"),
      .value("captured", "TIME", "when the picture was taken, e.g. 2026-11-27T08:30:00Z"),
      .value("fetch-limit", "SIZE", "longest file fetched from an address or standard input (default 8GB)"),
      .flag("json", "print one JSON object"),
      .flag("quiet", "print nothing but errors"),
    ]
  let examples = [
    "ridley library add footage/*.mp4 --client acme --brand Aurora --campaign spring",
    "ridley library add pictures/ --tags beach,2026",
    "ridley library add footage/*.mp4 --server https://vision.example.org --key key.txt",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    _ = try GroupOptions.group(arguments)
    let captured = try GroupOptions.moment(arguments, "captured")
    let inputs = try InputFiles(arguments.positionals, besides: AnalyzeRun.usualFolder)
    let library = try LibraryPlace.access(arguments, makes: true)
    let group = try GroupOptions.group(arguments, in: library)
    var (added, failures) = ([(asset: Asset, isNew: Bool)](), [(file: String, fault: Fault)]())
    for (number, file) in inputs.files.enumerated() where !Interrupt.isAsked {
      var draft = AssetDraft(group: group, name: FileSystem.name(of: file.name))
      (draft.tags, draft.captured) = (GroupOptions.tags(arguments) ?? [], captured)
      do {
        let bar = bar(file, number, of: inputs.files.count, arguments)
        let one = try add(file, draft, to: library, bar, arguments)
        if arguments.has("json") {
          added.append((try library.asset(one.id).asset, one.isNew))
        } else if !arguments.has("quiet") {
          try Terminal.print("\(one.id)  \(one.isNew ? "added" : "was there")  \(file.shown)\n")
        }
      } catch {
        failures.append((file.shown, error))
        Terminal.complain(of: error)
        // What no file can do will fail for the next one too.
        if [.exhausted, .unavailable, .denied].contains(error.kind) { break }
      }
    }
    try library.settle()
    if arguments.has("json") { try Terminal.print(json(added, failures)) }
    return exitCode(failures.map(\.fault), of: inputs.files.count)
  }

  private func bar(_ file: InputFile, _ number: Int, of count: Int, _ arguments: Arguments) -> ProgressBar {
    ProgressBar(
      count > 1 ? "[\(number + 1)/\(count)] \(file.name)" : file.name,
      isQuiet: arguments.has("quiet") || arguments.has("json"))
  }

  private func add(
    _ file: InputFile, _ draft: AssetDraft, to library: any LibraryAccess, _ bar: ProgressBar,
    _ arguments: Arguments
  ) throws(Fault) -> AddedFile {
    defer { bar.clear() }
    let limit = try arguments.bytes("fetch-limit") ?? AnalyzeCommand.usualFetchLimit
    do {
      let opened = try OpenedInput.open(file, limit: limit, bar: bar)
      let byteCount = try FileSystem.byteCount(of: opened.path)
      return try library.add(opened.path, draft) { done in
        bar.show(
          share: byteCount > 0 ? Double(done) / Double(byteCount) : nil,
          detail: "\(NumberFormat.measure(Double(done) / 1e6)) MB")
      }
    } catch { throw error.message.hasPrefix(file.shown) ? error : error.at(file.shown) }
  }

  private func json(_ added: [(asset: Asset, isNew: Bool)], _ failures: [(file: String, fault: Fault)]) -> String {
    JSONText.line { json in
      json.array("assets") { json in
        for one in added {
          json.object { json in
            one.asset.write(into: &json)
            json.field("new", one.isNew)
          }
        }
      }
      json.array("failures") { json in
        for failure in failures {
          json.object { json in
            json.field("file", failure.file)
            FaultEnvelope.write(failure.fault, into: &json)
          }
        }
      }
    }
  }

  private func exitCode(_ failures: [Fault], of count: Int) -> ExitCode {
    if Interrupt.isAsked { return .interrupted }
    guard let first = failures.first else { return .success }
    return count == 1 || first.kind == .exhausted ? ExitCode(first.kind) : .partial
  }
}
