internal import Catalog
internal import Web

extension JobRoutes {
  private static let id: Document = ["type": "string", "pattern": .text(ULID.pattern)]

  private static func choice<Word: CaseIterable & RawRepresentable<String>>(_ type: Word.Type) -> Document {
    ["type": "string", "enum": .list(type.allCases.map { .text($0.rawValue) })]
  }

  private static let selection = object(
    [:],
    optional: [
      "brand": string, "campaign": string, "tags": list(string), "state": choice(Asset.State.self),
      "kind": choice(AssetSelection.Kind.self), "text": string, "from": moment, "before": moment,
      "stream": about(
        "What was recorded of this live stream, from `from` up to `to`: all that came, or `recording` says clips.",
        string), "recording": choice(Recording.Kind.self), "to": moment,
      "assets": about("These alone; at most \(AssetSelection.mostAssets).", list(id)),
    ])

  static let schemas: Document = [
    "AssetSelection": selection,
    "Backlog": object([
      "backlog": about(
        "Never 0 while something is at work or may be had, so that workers are counted by it; what is held or delayed is not in it.",
        count)
    ]),
    "JobRequest": object(
      ["pipelines": about("Names of this server's pipelines.", list(string))],
      optional: [
        "client": string, "select": schema("AssetSelection"), "priority": choice(Job.Priority.self),
        "budget": about(
          "It stops when so much was spent: more than 0, in the unit of money that the price is in.", amount),
        "price": about("What a second of a processor costs.", amount),
        "webhook": about("An address that is told when the job is over, signed as Standard Webhooks has it.", string),
        "secret": about(
          "What that is signed with: whsec_ and base 64 of 24 to 64 bytes; a new one is made and answered where none is given.",
          string),
      ]),
    "AnalysisRequest": object(
      [
        "source": about(
          "An asset, or an address whose picture or film becomes one.",
          object(
            [:],
            optional: ["asset": id, "address": string, "brand": string, "campaign": string, "tags": list(string)])),
        "pipelines": about("Names of this server's pipelines.", list(string)),
      ],
      optional: [
        "client": string, "priority": choice(Job.Priority.self), "webhook": string, "secret": string,
      ]),
    "JobResumption": object([:], optional: ["budget": about("What it may spend in all from now on.", amount)]),
    "Job": object(
      [
        "job": id, "owner": string, "created": moment, "state": choice(Job.State.self),
        "selection": schema("AssetSelection"), "profile": string, "priority": choice(Job.Priority.self),
        "listed": about("Items known so far.", count), "listing": about("More items are being listed.", flag),
        "done": count, "kept": count, "failed": count,
        "cancelled": count, "corrupt": about("Of those that are done: frames of them could not be decoded.", count),
        "processor": about("Microseconds of processors.", count),
        "price": about("What a second of a processor costs.", number),
        "cost": about("What it has cost so far, in the unit of money that the price is in.", amount),
        "progress": about("Share of the items that is done, in millionths; it never falls.", count),
        "partial": about(
          "Of items that were cut, what is done of them, in millionths of an item.", ["type": "integer"]),
        "round": count,
        "pipelines": list(object(["series": string, "digest": string, "models": list(string)])),
      ],
      optional: [
        "budget": amount, "ended": moment, "external": flag, "webhook": string,
        "trigger": about("What started it, where that was no request.", id),
        "reason": about("Why it failed: what it is about could not be fetched, or not be written down.", string),
        "obstacle": about(
          "What keeps its tasks from being done, as the last worker that could not do one told it.", string),
        "fetching": about("What its address gives is not there.", flag),
        "waiting": about(
          "Only before its address was fetched: what was wrong the last time, how often it was asked of how often at most, and when it is again.",
          object(["reason": string, "attempts": count, "most": count, "next": moment])),
        "trouble": about("Why the webhook could not be told.", string),
        "secret": about("What the webhook is signed with: in the answer to the start alone.", string),
      ]),
    "JobPage": object(["jobs": list(schema("Job"))], optional: ["next": string]),
    "JobItem": object(
      [
        "job": id, "number": count, "owner": string, "of": id, "under": count, "state": choice(JobItem.State.self),
        "generation": count, "pieces": count, "finished": count, "processor": count,
      ],
      optional: [
        "plan": string, "frames": string, "corrupt": count, "whole": flag, "reason": string, "code": string,
        "slice": string, "attempts": count,
        "asset": about(
          "The asset as it is now; absent where it is there no more.",
          object(["name": string, "kind": choice(AssetSelection.Kind.self)], optional: ["thumbnail": string])),
      ]),
    "JobItemPage": object(["items": list(schema("JobItem"))], optional: ["next": string]),
    "JobReason": object(
      ["job": id, "digest": string, "reason": string, "code": string, "item": count, "count": count]),
    "JobReasonPage": object(["reasons": list(schema("JobReason"))], optional: ["next": string]),
  ]
}
