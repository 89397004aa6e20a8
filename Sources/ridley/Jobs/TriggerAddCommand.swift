import Base
import Catalog
import Jobs

/// Has a pipeline started by itself.
struct TriggerAddCommand: Command {
  let path = ["trigger", "add"]
  let summary = "Have a pipeline started by itself, as something new comes"
  let positionals: [Positional] = []
  let options =
    [
      Option.choice(
        "on", Trigger.Event.allCases.map(\.rawValue),
        "asset: one that is added, moved or tagged so that the options below select it; folder: a file that comes into one, or an object into a part of a bucket; model: a new version of a model"
      ),
      .value(
        "folder", "DIR|URL",
        "the folder that is watched, with all below it, or a part of a bucket: s3://bucket/prefix, asked with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of who serves; its files get client, brand and tags"
      ),
      .value("pipeline", "FILE", "YAML that says what is done"),
      LibraryPlace.option,
    ] + GroupOptions.all + [
      .value("tags", "WORD[,WORD]", "assets that have every one of these tags"),
      .choice("kind", ["video", "picture"], "only videos, or only pictures"),
      .choice(
        "priority", Job.Priority.allCases.map(\.rawValue), "before or after other jobs of the client (default normal)"),
      JobPlace.models, .flag("json", "print one JSON object"), .flag("quiet", "print nothing but errors"),
    ]
  let examples = [
    "ridley trigger add --on asset --client acme --brand Aurora --pipeline content.yaml",
    "ridley trigger add --on folder --folder /srv/in --client acme --tags camera --pipeline content.yaml",
    "ridley trigger add --on folder --folder s3://media/in --client acme --pipeline content.yaml",
    "ridley trigger add --on model --client acme --pipeline content.yaml",
  ]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let event = arguments["on"].flatMap({ Trigger.Event(rawValue: $0) }) else {
      throw arguments.refusal("say what starts it: --on asset, folder or model")
    }
    guard let file = arguments["pipeline"] else { throw arguments.refusal("say what is done: --pipeline FILE") }
    let group = try GroupOptions.group(arguments)
    let pinned = try JobPlace.pin(file, models: arguments["models"])
    var request = TriggerRequest(event, group: group, pipeline: pinned)
    request.tags = GroupOptions.tags(arguments) ?? []
    request.isPicture = arguments["kind"].map { $0 == "picture" }
    if let place = arguments["folder"], place.hasPrefix("s3://") {
      let bucket = try SharedPlace.client(place, patience: 5)
      (request.bucket, request.folder) = (bucket, place.hasSuffix("/") ? String(place.dropLast()) : place)
    } else {
      request.folder = arguments["folder"].map { FileSystem.absolute($0) }
    }
    request.priority = arguments["priority"].flatMap { Job.Priority(rawValue: $0) } ?? .normal
    let (trigger, isNew) = try TriggerPlace.desk(arguments, makes: true).add(request, scope: .all)
    if !isNew { Terminal.complain("ridley: a trigger that does the same was there\n") }
    try TriggerPlace.print(trigger, arguments)
    return .success
  }
}
