import Base
import Deploy
import DeployTargets
import Gateway
import Jobs
import Planning
import YAML

/// Writes what platforms read of a blueprint; no platform and no server is asked.
struct DeployRenderCommand: Command {
  let path = ["deploy", "render"]
  let summary = "Write a blueprint's files for Compose, Kubernetes or AWS, and what a video hour costs there"
  let positionals = [DeployPlace.position]
  let options = [
    Option.choice("to", RenderTarget.allCases.map(\.rawValue), "the platform"), DeployPlace.stage,
    .value("out", "DIR", "write the files here, over those of the same names (default: show them)"),
    .value("rates", "FILE", "what work costs, as an earlier rendering wrote it (rates.json)"),
    .value("library", "DIR", "what work costs, as the tasks of this library measured it on machines like this one"),
    JobPlace.models,
  ]
  let examples = [
    "ridley deploy render --to kubernetes --stage staging site.yaml --out staging",
    "ridley deploy render --to aws site.yaml --out aws --library lib",
  ]

  /// Models are read for their digests.
  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let target = arguments["to"].flatMap({ RenderTarget(rawValue: $0) }) else {
      let words = RenderTarget.allCases.map(\.rawValue).joined(separator: ", ")
      throw arguments.refusal("say which platform is meant: --to with \(words)")
    }
    let (file, stage) = (arguments.positionals[0], arguments["stage"])
    let site = try read(file, stage)
    var files = try target.files(for: site)
    let costs = try site.costs.map { (question) throws(Fault) in
      try RenderedCosts(site, on: target, question, beside: file, arguments)
    }
    files += costs?.files ?? []
    let left = target.leftOut(of: site)
    if !left.isEmpty {
      Terminal.complain(
        "ridley: \(target.rawValue) has no servers, so nothing there does what \(file) says of \(left.joined(separator: ", "))\n"
      )
    }
    guard let folder = arguments["out"].map(LibraryPlace.plain) else {
      for file in files { try Terminal.print("# --- \(file.path)\n\(file.text)\n") }
      return .success
    }
    try write(files, to: folder)
    try Terminal.print(costs.map { "\n\($0.text)" } ?? "\(file) says nothing of 'render: costs:', so none are told\n")
    return .success
  }

  /// The blueprint is sound as a whole, or nothing is rendered of it.
  private func read(_ file: String, _ stage: String?) throws(Fault) -> RenderedSite {
    let bytes = try FileSystem.read(file, limit: 1 << 20)
    _ = try DeployPlace.read(file, bytes, stage: stage)
    let root = try SiteStages.merge(try YAMLDocument.parse(bytes, name: file), stage: stage)
    return try RenderedSite(root, document: file, stage: stage, settingKeys: Set(ServeConfiguration.keys))
  }

  /// A folder in which files of others have these names is not written to.
  private func checkPlace(_ files: [RenderedFile], _ folder: String) throws(Fault) {
    guard let there = files.first(where: { FileSystem.isThere("\(folder)/\($0.path)") }) else { return }
    for file in files where file.text.hasPrefix(RenderedFile.mark) {
      let begun = (try? FileSystem.read("\(folder)/\(file.path)", limit: 16 << 20)) ?? []
      if begun.starts(with: RenderedFile.mark.utf8) { return }
    }
    throw Fault(
      .conflict,
      "\(folder)/\(there.path) is there, and what is there was not rendered: name a folder of its own with --out")
  }

  /// The marked file is written first, so that a rendering which was stopped finds its folder again.
  ///
  /// Says of each file whether it is another one now, and of others that lie there that they are not of this rendering.
  private func write(_ files: [RenderedFile], to folder: String) throws(Fault) {
    try checkPlace(files, folder)
    func isMarked(_ file: RenderedFile) -> Bool { file.text.hasPrefix(RenderedFile.mark) }
    for file in files.filter(isMarked) + files.filter({ !isMarked($0) }) {
      let path = "\(folder)/\(file.path)"
      let before = FileSystem.isThere(path) ? try FileSystem.read(path, limit: 16 << 20) : nil
      let bytes = Array(file.text.utf8)
      if before != bytes {
        try FileSystem.makeFolder(FileSystem.folder(of: path))
        try FileSystem.write(bytes, to: path)
      }
      try Terminal.print("\(before == nil ? "new      " : before == bytes ? "as before" : "changed  ")  \(path)\n")
    }
    let known = Set(files.map { String($0.path.prefix { $0 != "/" }) })
    for name in try FileSystem.list(folder).sorted() where !known.contains(name) {
      try Terminal.print("not ours   \(folder)/\(name)\n")
    }
  }
}
