internal import Access
internal import Base
internal import Streams
internal import Web

/// How many more streams fit.
enum CapacityRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Streams",
    routes: [
      Route(
        .get, "/v1/capacity", for: .read,
        Operation(
          "getCapacity",
          "How much of this machine its streams want, as measured, and how many more fit: like a stream that is there, or with a model or pipeline",
          answer(json(schema("Capacity"))),
          parameters: [LibraryQuery.client, like, pipeline, model].map(\.documentation)
            + [pictures, rate].map(\.documentation),
          failures: [.notFound]), answer: show)
    ], schemas: schemas)

  private static let like = LibraryQuery.word(
    "like", component: "LikeStream", "A stream that more like it are asked about.")
  private static let pipeline = LibraryQuery.word("pipeline", component: "LikePipeline", "What is to look at it.")
  private static let model = LibraryQuery.word("model", component: "LikeModel", "What is to look at it.")
  private static let pictures = number("pictures", "LikePictures", "Pictures a second that it has.")
  private static let rate = number("rate", "LikeRate", "Answers a second that are wanted.")

  private static func number(_ name: String, _ component: String, _ text: String) -> QueryParameter<Double> {
    QueryParameter(
      name, component: component, text, schema: ["type": "number", "exclusiveMinimum": 0, "maximum": 1000],
      expectation: "a number above 0, at most 1000"
    ) { text in Double(text).flatMap { $0 > 0 && $0 <= 1000 ? $0 : nil } }
  }

  private static func show(_ context: RequestContext) throws(Failure) -> Response {
    let query = try context.query()
    var question = StreamDesk.Question()
    (question.like, question.pipeline, question.model) = (try query(like), try query(pipeline), try query(model))
    (question.pictures, question.rate) = (try query(pictures), try query(rate))
    let client = try StreamRoutes.client(context)
    do throws(Fault) {
      let found = try context.gateway.streams.capacity(question, scope: context.libraryScope, client: client)
      return .json(JSONWriter.object { write(found, into: &$0) })
    } catch { throw Failure(error) }
  }

  private static func write(_ found: StreamCapacity, into json: inout JSONWriter) {
    json.field("processors", found.processors)
    json.field("usable", found.usable, digits: 2)
    json.field("wanted", found.wanted, digits: 3)
    json.field("taken", found.taken, digits: 3)
    json.field("more", ifKnown: found.more)
    if let like = found.like { json.object("like") { write(like, into: &$0) } }
    if let units = found.units {
      json.object("units") { json in
        json.field("model", units.model)
        json.field("places", units.places)
        json.field("busy", units.busy, digits: 2)
        if let seconds = units.answering { json.field("answer_ms", seconds * 1000, digits: 3) }
      }
    }
    json.array("streams") { json in
      for stream in found.streams {
        json.object { json in
          json.field("name", stream.name)
          json.field("owner", stream.client)
          write(stream.want, into: &json)
          json.field("taken", stream.taken, digits: 3)
        }
      }
    }
  }

  private static func write(_ want: StreamCapacity.Want, into json: inout JSONWriter) {
    json.field("pictures_per_second", want.pictures, digits: 2)
    json.field("answers_per_second", want.answers, digits: 2)
    json.field("decode_ms", want.decoding * 1000, digits: 3)
    json.field("answer_ms", want.answering * 1000, digits: 3)
    json.field("wanted", want.processors, digits: 3)
  }

  private static let want: KeyValuePairs<String, Document> = [
    "pictures_per_second": amount, "answers_per_second": about("That are wanted.", amount),
    "decode_ms": about("Of a processor, for a picture.", amount),
    "answer_ms": about("Of processors, for an answer.", amount),
    "wanted": about("Processors that it takes when it has all that it wants.", amount),
  ]
  private static let schemas: Document = [
    "Capacity": object(
      [
        "processors": count, "usable": about("Processors that streams may take together.", amount),
        "wanted": about("Processors that all streams would take if each had what it wants.", amount),
        "taken": about("Processors that they take now.", amount),
        "streams": list(object(["name": string, "owner": string, "taken": amount], optional: want)),
      ],
      optional: [
        "more": about("How many more such streams fit; left away where nothing like it was measured yet.", count),
        "like": object(want),
        "units": about(
          "Where a network runs on other hosts alone: inferences at the same time there, how many of them are at work, and how long one takes.",
          object(
            ["model": string, "places": count, "busy": amount],
            optional: ["answer_ms": about("Of a place, for an answer; left away where none was measured yet.", amount)])
        ),
      ])
  ]
}
