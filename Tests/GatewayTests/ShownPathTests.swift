import Testing
import Web

@testable import Gateway

struct ShownPathTests {
  @Test(
    "A link's token is shown nowhere, however its address is written and whatever answers it",
    arguments: [
      "/v1/shared/TOKEN", "/v1/shared/TOKEN/", "/v1/shared/TOKEN/events", "/v1/shared/TOKEN/event", "//v1/shared/TOKEN",
      "/v1//shared/TOKEN", "/V1/Shared/TOKEN", "/v1/%73hared/TOKEN", "/v1/shared%2FTOKEN", "/%76%31/shared/TOKEN%zz",
      "/v1/shared/TOKEN%", "/ridley/v1/shared/TOKEN", "http://host/v1/shared/TOKEN",
    ])
  func hidden(path: String) {
    for route in [nil, "/v1/shared/{token}"] { #expect(Request.shown(path, route) == route ?? "/v1/shared/") }
  }

  @Test(
    "Other paths are shown as they were sent", arguments: ["/", "", "/v1/search/shares", "/v1/models/shared", "/%zz"])
  func shown(path: String) {
    #expect(Request.shown(path, nil) == path)
    #expect(Request.shown(path, "/v1/models/{model}") == path)
  }
}
