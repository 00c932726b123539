using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Losses;

public sealed class LossTermsTests
{
    [Fact]
    public void Numbers_have_the_names_of_their_terms_and_the_total_is_weighted()
    {
        using var scope = NewDisposeScope();
        // 6 / 4 and 10 / 2, the second with a weight of 3; a normalizer of 0 counts as 1.
        var terms = new LossTerms([
            new("box", tensor(6f), 1, tensor(4f)), new("class", tensor(10f), 3, tensor(2f)), new("selector", tensor(7f), 0.5, tensor(0f))]);
        Assert.Equal(["box", "class", "selector"], terms.Names);
        Assert.Equal(new Dictionary<string, double> { ["box"] = 1.5, ["class"] = 5, ["selector"] = 7, ["total"] = 20 }, terms.ToNumbers());
        Assert.Equal(5, terms["class"].item<float>());
    }

    [Fact]
    public void A_name_that_no_term_has_is_an_error()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(() => new LossTerms([new("box", tensor(6f), 1, tensor(4f))])["class"]);
    }
}
