import Base
import Glibc
import Library
import ModelHub

/// A library outgrows its machine, or comes back to one.
struct LibraryCopyCommand: Command {
  let path = ["library", "copy"]
  let summary = "Copy a whole library: from a folder to what many machines share, back, or from one to another"
  let positionals: [Positional] = []
  let options: [Option] = [
    .value("from", "PLACE", "a folder, or postgres://USER@HOST/DATABASE"),
    .value("to", "PLACE", "the same; it must have no items yet"),
    .value("objects", "URL", "the bucket of the place that is shared: s3://bucket/prefix"),
    .value("from-objects", "URL", "the bucket to copy from, where both places are shared"),
    .flag("json", "print one JSON object"), .flag("quiet", "print nothing but errors"),
  ]
  let examples = [
    "ridley library copy --from lib/ --to postgres://ridley@db/ridley --objects s3://media/ridley",
    "ridley library copy --from postgres://ridley@db/ridley --objects s3://media/ridley --to lib/",
  ]

  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let from = arguments["from"], let to = arguments["to"] else {
      throw arguments.refusal("both places are needed: --from PLACE --to PLACE")
    }
    let (sharesFrom, sharesTo) = (SharedPlace.isStore(from), SharedPlace.isStore(to))
    let bucket = arguments["objects"]
    guard bucket == nil || sharesFrom || sharesTo else {
      throw arguments.refusal("--objects is for a place that is shared")
    }
    guard !(sharesFrom && sharesTo) || bucket == nil || arguments["from-objects"] != nil else {
      throw arguments.refusal(
        "both places are shared: --from-objects says which bucket to copy from, --objects which to")
    }
    let source = try open(from, sharesTo ? arguments["from-objects"] : bucket, makes: false)
    let target = try open(to, sharesTo ? bucket : nil, makes: true)
    let bar = ProgressBar("copy", isQuiet: arguments.has("quiet"))
    let report = try source.copy(to: target) { report in
      bar.show(share: nil, detail: "\(report.objects) objects, \(report.items) items")
    }
    bar.clear()
    let verified = try target.verify()
    guard verified.differenceCount == 0 else {
      throw Fault(.bug, "the totals of the copy are not those of its assets: 'ridley library verify' tells which")
    }
    if !arguments.has("quiet") { try Terminal.print(arguments.has("json") ? json(report) : text(report)) }
    return .success
  }

  private func open(_ place: String, _ bucket: String?, makes: Bool) throws(Fault) -> Library {
    guard SharedPlace.isStore(place) else { return try Library(LibraryPlace.plain(place), makes: makes) }
    guard let home = try Hub.standard().home else {
      throw Fault(.usage, "nothing says where files may be that are on their way: set RIDLEY_HOME or HOME")
    }
    return try SharedPlace.open(place, bucket, workingIn: SharedPlace.usualFolder(in: home, place, bucket))
  }

  private func text(_ report: CopyReport) -> String {
    let kept = report.kept > 0 ? ", of which \(report.kept) were there already" : ""
    return
      "copied \(report.items) items and \(report.objects) objects\(kept) (\(Units.text(bytes: report.objectBytes))); totals are those of the assets\n"
  }

  private func json(_ report: CopyReport) -> String {
    JSONText.line { json in
      json.field("items", report.items)
      json.field("objects", report.objects)
      json.field("object_bytes", report.objectBytes)
      json.field("kept", report.kept)
    }
  }
}
