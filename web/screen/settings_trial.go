package screen

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/words"
)

// stepWords is what the steps of a trial say, when they went well and when not.
var stepWords = map[string][2]words.Text{
	jmap.StepResolve:   {words.Mark("The server's name is known."), words.Mark("The server's name is not known.")},
	jmap.StepConnect:   {words.Mark("It answers."), words.Mark("It does not answer.")},
	jmap.StepEncrypt:   {words.Mark("The connection is encrypted."), words.Mark("The connection cannot be encrypted.")},
	jmap.StepGreet:     {words.Mark("It is a mail server."), words.Mark("It does not answer like a mail server.")},
	jmap.StepSignIn:    {words.Mark("It takes the password."), words.Mark("It does not let you in.")},
	jmap.StepMailboxes: {words.Mark("It lists the mailboxes."), words.Mark("It does not list the mailboxes.")},
}

// trialSteps shows how far the way to both servers is open.
func trialSteps(t *jmap.BridgeTrial) app.UI {
	body := app.Div().Class("trial").Attr("role", "status")
	if t == nil {
		return body.Hidden(true)
	}
	return body.Hidden(false).Body(trialSide(words.T("Incoming mail"), t.Incoming), trialSide(words.T("Outgoing mail"), t.Outgoing))
}

func trialSide(title string, steps []jmap.BridgeStep) app.UI {
	var lines []app.UI
	for _, step := range steps {
		picture, class, text, said := "circle-check", "well", stepWords[step.Step][0], words.T("Done:")
		if !step.Ok {
			picture, class, text, said = "circle-alert", "failed", stepWords[step.Step][1], words.T("Failed:")
		}
		lines = append(lines, app.Li().Class(class).Body(
			icon(picture), app.Span().Class("unseen").Text(said+" "), app.Span().Text(text.String()), app.Span().Class("hint").Dir("auto").Text(" "+step.Detail),
		))
	}
	return app.Div().Body(app.H4().Text(title), app.Ol().Aria("label", title).Body(lines...))
}
