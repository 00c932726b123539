using System.Xml.Linq;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>The dialog that shows a picture enlarged. Without scripts the page is the same without it.</summary>
internal static class PictureViewer
{
    /// <summary>How to enlarge, which the script shows.</summary>
    public static XElement Hint => Tag("span", Class("hint"), Attribute("hidden", "hidden"), "Click or tap a picture to enlarge it.");

    public static XElement Dialog => Tag("dialog", Attribute("id", "viewer"), Attribute("aria-labelledby", "viewer-title"),
        Tag("div", Class("viewer"),
            Tag("p", Attribute("id", "viewer-title"), Attribute("aria-live", "polite")),
            Tag("div", Attribute("id", "viewer-stage")),
            Tag("div", Class("buttons"), Button("previous", "Previous"), Button("next", "Next"), Button("size", "Larger"),
                Button("show-boxes", "Boxes"), Button("show-labels", "Labels"), Button("show-truth", "Ground truth"), Button("close", "Close"))));

    private static XElement Button(string action, string text) => Tag("button", Attribute("type", "button"), Attribute("data-action", action), text);
}
