# Completion of bowstring for zsh: source this file in ~/.zshrc. The script for bash knows zsh, too.
source "${0:A:h}/bowstring.bash"
